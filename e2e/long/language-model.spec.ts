import { uploadFiles } from '@huggingface/hub'
import { expect } from '@playwright/test'
import { hubOrigin } from '../clients/stage/hubOrigin.ts'
import { makeGguf } from '../clients/stage/makeGguf.ts'
import { test } from '../clients/stage/test.ts'
import { stageToken } from '../stage/stageToken.ts'

const repo = 'clients/big-alphabet'
const path = 'alphabet-F32.gguf'

test('wllama completes the alphabet with a model of 260 MB, which is loaded once', async ({
  stage,
}) => {
  const model = makeGguf(336_000)
  await uploadFiles({
    repo,
    hubUrl: hubOrigin,
    accessToken: stageToken,
    useXet: true,
    files: [{ path, content: new Blob([model as BlobPart]) }],
    fetch: (input, init) => stage.hub.fetch(new Request(input, init)),
  })
  const clientRun = {
    title: 'wllama, 260 MB',
    client: 'wllama',
    realm: 'page',
    task: { repo, progress: true },
  } as const
  const said = { text: 'defghijklmnopqrstuvwxyz', total: model.length }
  await stage.connect()
  stage.traffic.clear()
  expect(await stage.run(clientRun, 'cold')).toEqual(said)
  // The zeros of the file are one chunk of a few hundred bytes, which reconstructions of other parts contain again.
  expect(stage.traffic.repeated()).toEqual([])
  await stage.reload()
  expect(await stage.run(clientRun, 'warm')).toEqual(said)
  expect(stage.traffic.of('xorb')).toEqual([])
})
