import { expect } from '@playwright/test'
import { onlyLong } from '../stage/onlyLong.ts'
import { stageToken } from '../stage/stageToken.ts'
import { clientRepos } from './stage/clientRepos.ts'
import { expectSpeech } from './stage/expectSpeech.ts'
import { hubOrigin } from './stage/hubOrigin.ts'
import { loadThrice } from './stage/loadThrice.ts'
import { realms } from './stage/realms.ts'
import { test } from './stage/test.ts'
import type { ClientRun } from './stage/ClientRun.ts'

const repo = clientRepos.voice
const path = 'onnx/model.onnx'
const pageOptions = { token: stageToken, tokenOrigins: [hubOrigin] }

test('transformers.js does not get a gated model without a token', async ({ stage }) => {
  stage.hub.gated.add(repo)
  await stage.connect()
  const clientRun = {
    title: 'transformers.js, a gated model without a token',
    client: 'transformers model',
    realm: 'page',
    task: { repo },
  } as const
  await expect(stage.run(clientRun, 'cold')).rejects.toThrow(/Unauthorized/i)
})

for (const realm of realms) {
  test(
    `transformers.js gets a gated model with the token of connect() alone, in a ${realm}`,
    // Without a token it is tested above, and XMLHttpRequest gets its file as this library does.
    onlyLong(true),
    async ({ stage }) => {
      stage.hub.gated.add(repo)
      const clientRun = {
        title: 'transformers.js, a gated model',
        client: 'transformers model',
        realm,
        task: { repo },
        check: expectSpeech,
      } as const
      await loadThrice(stage, clientRun, undefined, pageOptions)
    },
  )

  test(
    `onnxruntime-web gets a gated model with the token of connect() alone, in a ${realm}`,
    onlyLong(true),
    async ({ stage }) => {
      stage.hub.gated.add(repo)
      const clientRun = {
        title: 'onnxruntime-web, a gated model',
        client: 'onnxruntime',
        realm,
        task: { repo, path },
        check: expectSpeech,
      } as const
      await loadThrice(stage, clientRun, undefined, pageOptions)
    },
  )

  test(
    `XMLHttpRequest gets a gated file with the token of connect() alone, in a ${realm}`,
    onlyLong(realm === 'page'),
    async ({ stage }) => {
      stage.hub.gated.add(repo)
      const { size, sha256 } = stage.file(repo, path)
      const clientRun: ClientRun<'xhr'> = {
        title: 'XMLHttpRequest, a gated file',
        client: 'xhr',
        realm,
        task: { repo, path },
        check: (answer) => expect(answer).toMatchObject({ status: 200, size, sha256 }),
      }
      await loadThrice(stage, clientRun, undefined, pageOptions)
    },
  )
}
