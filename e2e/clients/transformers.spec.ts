import { expect } from '@playwright/test'
import { onlyLong } from '../stage/onlyLong.ts'
import { clientRepos } from './stage/clientRepos.ts'
import { expectSpeech } from './stage/expectSpeech.ts'
import { loadThrice } from './stage/loadThrice.ts'
import { realms } from './stage/realms.ts'
import { test } from './stage/test.ts'
import type { Voyage } from './stage/Voyage.ts'

const path = 'onnx/model.onnx'

test('transformers.js with default settings, and its runtime from a CDN', async ({ stage }) => {
  const voyage: Voyage<'transformers model'> = {
    title: 'transformers.js, runtime from a CDN',
    client: 'transformers model',
    realm: 'page',
    wish: { repo: clientRepos.voice, ownRuntime: true },
    check: expectSpeech,
  }
  await loadThrice(stage, voyage, ['cold'])
  expect(stage.fromCdn.some((asked) => asked.endsWith('.wasm'))).toBe(true)
  await stage.leaveNetwork()
  voyage.check(await stage.run(voyage, 'offline'))
})

test('a pinned pipeline of transformers.js without modelferry needs the hub for each load', async ({
  stage,
}) => {
  const repo = clientRepos.text
  const pinned = {
    title: 'transformers.js, a pinned pipeline without modelferry',
    client: 'transformers pipeline',
    realm: 'page',
    wish: { repo, revision: stage.file(repo, path).commit },
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
        const wish = { repo: clientRepos.voice, progress }
        const { size } = stage.file(clientRepos.voice, path)
        await loadThrice(
          stage,
          {
            title: `transformers.js, ${how}`,
            client: 'transformers model',
            realm,
            wish,
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
        const wish = pinned ? { repo, revision: commit, progress: true } : { repo }
        const voyage: Voyage<'transformers pipeline'> = {
          title: `transformers.js, ${how}`,
          client: 'transformers pipeline',
          realm,
          wish,
          check({ words, paper }) {
            expect(words).toBeGreaterThan(0.3)
            expect(paper).toBeLessThan(0.01)
          },
        }
        await loadThrice(stage, voyage, pinned ? ['cold', 'offline'] : undefined)
      },
    )
  }
}
