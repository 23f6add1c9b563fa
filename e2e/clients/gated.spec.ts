import { expect } from '@playwright/test'
import { onlyLong } from '../stage/onlyLong.ts'
import { stageToken } from '../stage/stageToken.ts'
import { clientRepos } from './stage/clientRepos.ts'
import { expectSpeech } from './stage/expectSpeech.ts'
import { hubOrigin } from './stage/hubOrigin.ts'
import { loadThrice } from './stage/loadThrice.ts'
import { realms } from './stage/realms.ts'
import { test } from './stage/test.ts'

const repo = clientRepos.voice
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
    // Without a token it is tested above, and onnxruntime-web gets its model as this library does.
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
    onlyLong(realm === 'page'),
    async ({ stage }) => {
      stage.hub.gated.add(repo)
      const voyage = {
        title: 'onnxruntime-web, a gated model',
        client: 'onnxruntime',
        realm,
        wish: { repo, path: 'onnx/model.onnx' },
        check: expectSpeech,
      } as const
      await loadThrice(stage, voyage, undefined, boarding)
    },
  )
}
