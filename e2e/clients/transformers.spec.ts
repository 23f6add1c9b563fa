import { expect } from '@playwright/test'
import { onlyLong } from '../stage/onlyLong.ts'
import { clientRepos } from './stage/clientRepos.ts'
import { expectSpeech } from './stage/expectSpeech.ts'
import { loadThrice } from './stage/loadThrice.ts'
import { realms } from './stage/realms.ts'
import { test } from './stage/test.ts'
import type { ClientRun } from './stage/ClientRun.ts'

const path = 'onnx/model.onnx'

test('transformers.js with default settings, and its runtime from a CDN', async ({ stage }) => {
  const clientRun: ClientRun<'transformers model'> = {
    title: 'transformers.js, runtime from a CDN',
    client: 'transformers model',
    realm: 'page',
    task: { repo: clientRepos.voice, ownRuntime: true },
    check: expectSpeech,
  }
  await loadThrice(stage, clientRun, ['cold'])
  expect(stage.fromCdn.some((asked) => asked.endsWith('.wasm'))).toBe(true)
  await stage.leaveNetwork()
  clientRun.check(await stage.run(clientRun, 'offline'))
})

test('a pinned pipeline of transformers.js without modelferry needs the hub for each load', async ({
  stage,
}) => {
  const repo = clientRepos.text
  const pinned = {
    title: 'transformers.js, a pinned pipeline without modelferry',
    client: 'transformers pipeline',
    realm: 'page',
    task: { repo, revision: stage.file(repo, path).commit },
  } as const
  await stage.openWithout()
  expect((await stage.run(pinned, 'cold')).words).toBeGreaterThan(0.3)
  // Its own cache holds all files, but it asks the hub again whether optional files exist.
  stage.closeHosts()
  await stage.openWithout()
  await expect(stage.run(pinned, 'offline')).rejects.toThrow('Failed to fetch')
})

for (const realm of realms) {
  for (const progress of [false, true]) {
    const how = progress ? 'a model with progress' : 'a model'
    test(
      `transformers.js detects speech with ${how} from the default host, in a ${realm}`,
      onlyLong(realm === 'worker' || !progress),
      async ({ stage }) => {
        const task = { repo: clientRepos.voice, progress }
        const { size } = stage.file(clientRepos.voice, path)
        await loadThrice(
          stage,
          {
            title: `transformers.js, ${how}`,
            client: 'transformers model',
            realm,
            task,
            check(heard) {
              expectSpeech(heard)
              expect(heard.total).toBe(progress ? size : 0)
            },
          },
          progress ? ['cold', 'offline'] : undefined,
        )
      },
    )
  }

  for (const pinned of [false, true]) {
    const how = pinned ? 'a pinned pipeline' : 'a pipeline'
    test(
      `transformers.js finds text with ${how} from the default host, in a ${realm}`,
      onlyLong(realm === 'page' || !pinned),
      async ({ stage }) => {
        const repo = clientRepos.text
        const { commit } = stage.file(repo, path)
        const task = pinned ? { repo, revision: commit, progress: true } : { repo }
        const clientRun: ClientRun<'transformers pipeline'> = {
          title: `transformers.js, ${how}`,
          client: 'transformers pipeline',
          realm,
          task,
          check({ words, paper }) {
            expect(words).toBeGreaterThan(0.3)
            expect(paper).toBeLessThan(0.01)
          },
        }
        await loadThrice(stage, clientRun, pinned ? ['cold', 'offline'] : undefined)
      },
    )
  }
}
