import { expect } from '@playwright/test'
import { onlyLong } from '../stage/onlyLong.ts'
import { stageToken } from '../stage/stageToken.ts'
import { clientRepos } from './stage/clientRepos.ts'
import { expectSpeech } from './stage/expectSpeech.ts'
import { hubOrigin } from './stage/hubOrigin.ts'
import { loadThrice } from './stage/loadThrice.ts'
import { realms } from './stage/realms.ts'
import { test } from './stage/test.ts'
import type { Voyage } from './stage/Voyage.ts'

const repo = clientRepos.voice
const path = 'onnx/model.onnx'
const boarding = { token: stageToken, tokenOrigins: [hubOrigin] }

test('transformers.js does not get a gated model without a token', async ({ stage }) => {
  stage.hub.gated.add(repo)
  await stage.board()
  const voyage = {
    title: 'transformers.js, a gated model without a token',
    client: 'transformers model',
    realm: 'page',
    wish: { repo },
  } as const
  await expect(stage.run(voyage, 'cold')).rejects.toThrow(/Unauthorized/i)
})

for (const realm of realms) {
  test(
    `transformers.js gets a gated model with the token of connect() alone, in a ${realm}`,
    // Without a token it is tested above, and XMLHttpRequest gets its file as this library does.
    onlyLong(true),
    async ({ stage }) => {
      stage.hub.gated.add(repo)
      const voyage = {
        title: 'transformers.js, a gated model',
        client: 'transformers model',
        realm,
        wish: { repo },
        check: expectSpeech,
      } as const
      await loadThrice(stage, voyage, undefined, boarding)
    },
  )

  test(
    `onnxruntime-web gets a gated model with the token of connect() alone, in a ${realm}`,
    onlyLong(true),
    async ({ stage }) => {
      stage.hub.gated.add(repo)
      const voyage = {
        title: 'onnxruntime-web, a gated model',
        client: 'onnxruntime',
        realm,
        wish: { repo, path },
        check: expectSpeech,
      } as const
      await loadThrice(stage, voyage, undefined, boarding)
    },
  )

  test(
    `XMLHttpRequest gets a gated file with the token of connect() alone, in a ${realm}`,
    onlyLong(realm === 'page'),
    async ({ stage }) => {
      stage.hub.gated.add(repo)
      const { size, sha256 } = stage.file(repo, path)
      const voyage: Voyage<'xhr'> = {
        title: 'XMLHttpRequest, a gated file',
        client: 'xhr',
        realm,
        wish: { repo, path },
        check: (answer) => expect(answer).toMatchObject({ status: 200, size, sha256 }),
      }
      await loadThrice(stage, voyage, undefined, boarding)
    },
  )
}
