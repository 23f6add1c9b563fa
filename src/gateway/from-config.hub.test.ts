import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { downloadFile, fileDownloadInfo, listFiles, uploadFile } from '@huggingface/hub'
import { expect, onTestFinished, test } from 'vitest'
import { sha256Hex } from '../auth/digests.ts'
import { loadConfig } from '../config/load.ts'
import { createHub } from '../hub/create-hub.ts'
import type { LogLine } from '../log/log.ts'
import { gatewayFromConfig } from './from-config.ts'

const bytesPath = /^\/(?:xorbs\/default|lfs)\/[0-9a-f]{64}$/
const hubUrl = 'https://gateway.example'
const accessToken = 'hf_tester'

/** The embedded hub behind a gateway, and `fetch` for clients that speak to it through the gateway only. */
async function gatedHub() {
  const folder = await mkdtemp(join(tmpdir(), 'modelferry-gateway-'))
  const hub = await createHub({ folder, open: true })
  const lines: LogLine[] = []
  const config = loadConfig({
    process: {},
    local: { auth: { tokens: [{ sha256: sha256Hex(accessToken), sub: 'u1', tier: 'nectar' }] } },
  })
  const gateway = gatewayFromConfig(config, {
    hub: {
      handle: (request, { decision, carry }) =>
        hub.fetch(request, { rights: decision.tokenAuth ? { write: ['*'] } : null, carry }),
      carried: (request) => hub.carried(request),
      open: (request) => bytesPath.test(new URL(request.url).pathname),
    },
    write: (text) => void lines.push(JSON.parse(text) as LogLine),
  })
  onTestFinished(async () => {
    gateway.close()
    hub.close()
    await rm(folder, { recursive: true, force: true })
  })
  // Each call from another address, so that no call has to wait.
  let calls = 0
  const ask: typeof globalThis.fetch = (input, init) =>
    gateway.fetch(new Request(input, init), { peer: `198.51.100.${calls++}` })
  return { hub, lines, fetch: ask }
}

test("the hub's own client uploads, lists and downloads through the gateway", async () => {
  const { hub, lines, fetch } = await gatedHub()
  const repo = 'me/model'
  const bytes = new Uint8Array(300_000).map((_, at) => (at * 2654435761) >>> 24)
  await uploadFile({
    repo,
    hubUrl,
    accessToken,
    fetch,
    file: { path: 'model.onnx', content: new Blob([bytes]) },
  })
  const paths: string[] = []
  for await (const { path } of listFiles({ repo, hubUrl, accessToken, fetch })) paths.push(path)
  expect(paths).toContain('model.onnx')
  const file = await downloadFile({ repo, path: 'model.onnx', hubUrl, accessToken, fetch })
  expect(new Uint8Array(await file!.arrayBuffer())).toEqual(bytes)

  const info = { repo, path: 'model.onnx', hubUrl }
  const bare = (input: Parameters<typeof fetch>[0], init?: RequestInit) =>
    hub.fetch(new Request(input, init))
  const behind = await fileDownloadInfo({ ...info, accessToken, fetch })
  const alone = await fileDownloadInfo({ ...info, accessToken, fetch: bare })
  expect({ etag: behind?.etag, size: behind?.size, hash: behind?.xet?.hash }).toEqual({
    etag: alone?.etag,
    size: alone?.size,
    hash: alone?.xet?.hash,
  })

  const casCalls = lines.filter(({ event }) => event === 'request.end')
  expect(casCalls.every(({ status }) => status !== null && status < 400)).toBe(true)
  // Calls with the hub's own tokens count for their owner.
  expect(new Set(casCalls.map(({ subject }) => subject))).toEqual(new Set(['u1', null]))
})

test("the response equals the hub's own, byte for byte, plus the gateway's headers", async () => {
  const { hub, fetch } = await gatedHub()
  const file = { path: 'config.json', content: new Blob(['{"a":1}']) }
  await uploadFile({ repo: 'me/model', hubUrl, accessToken, fetch, file })
  const url = `${hubUrl}/me/model/resolve/main/config.json`
  for (const init of [{}, { method: 'HEAD' }, { headers: { range: 'bytes=1-3' } }]) {
    const [gated, bare] = [await fetch(url, init), await hub.fetch(new Request(url, init))]
    expect(gated.status).toBe(bare.status)
    expect(await gated.text()).toBe(await bare.text())
    for (const [name, value] of bare.headers) {
      if (['x-request-id', 'date', 'vary'].includes(name)) continue
      expect(gated.headers.get(name), name).toBe(value)
    }
    expect(gated.headers.get('x-auth-result')).toBe('NONE')
  }
})

test('a token that the hub would accept but the gateway does not know gives no rights', async () => {
  const { fetch } = await gatedHub()
  const response = await fetch(`${hubUrl}/api/models/me/model`, {
    headers: { authorization: 'Bearer hf_other' },
  })
  expect(response.status).toBe(401)
})
