import { expect } from '@playwright/test'
import { startProxy } from './stage/startProxy.ts'
import { test } from './stage/test.ts'

const commit = '0123456789abcdef0123456789abcdef01234567'
const unknown = {
  repository: '/stage/nobody/resolve/main/model.onnx',
  revision: `/stage/ocr/resolve/${commit}/rec.onnx`,
  branch: '/stage/ocr/resolve/nowhere/rec.onnx',
  file: '/stage/ocr/resolve/main/nothing.json',
}

for (const [what, path] of Object.entries(unknown))
  test(`an unknown ${what} is answered as the hub answers it`, async ({ stage }) => {
    const url = stage.hub.url + path
    const said = await fetch(url, { headers: { accept: 'application/json' } })
    const body = await said.text()
    expect(said.status).toBeGreaterThanOrEqual(400)
    await stage.connect()
    for (const by of ['page', 'ferry'] as const) {
      const answer = await stage.fetch(url, {
        by,
        init: { headers: { accept: 'application/json' } },
      })
      expect(answer.failure).toBeUndefined()
      expect(answer).toMatchObject({ status: said.status, text: body })
      for (const name of ['x-error-code', 'x-error-message'])
        expect(answer.headers[name]).toBe(said.headers.get(name) ?? undefined)
    }
    expect(await stage.held()).toEqual([])
  })

const malformed: Record<string, { at: RegExp; body: string; field: RegExp }> = {
  'a reconstruction without terms': {
    at: /^\/v[12]\/reconstructions\//,
    body: '{"offset_into_first_range":0,"terms":"none","xorbs":{}}',
    field: /terms/,
  },
  'a reconstruction whose term has no range': {
    at: /^\/v[12]\/reconstructions\//,
    body: `{"offset_into_first_range":0,"terms":[{"hash":"${'0'.repeat(64)}","unpacked_length":5}],"xorbs":{}}`,
    field: /range/,
  },
  'a reconstruction that is not JSON': {
    at: /^\/v[12]\/reconstructions\//,
    body: '<html>',
    field: /JSON/i,
  },
  'a token without expiry': {
    at: /xet-read-token/,
    body: '{"accessToken":"a","exp":"never","casUrl":"http://127.0.0.1"}',
    field: /exp/,
  },
  'a token without a CAS URL': {
    at: /xet-read-token/,
    body: '{"accessToken":"a","exp":4000000000}',
    field: /casUrl/,
  },
}

for (const [what, { at, body, field }] of Object.entries(malformed))
  test(`${what} emits a fault with the name of the field, and the page gets its file`, async ({
    stage,
  }) => {
    const { vad } = stage.files
    const proxy = await startProxy(stage.hub.url, (path) => (at.test(path) ? body : undefined))
    try {
      await stage.connect({ hubs: [proxy.url] })
      const url = `${proxy.url}/${vad.repo}/resolve/${vad.commit}/${vad.path}`
      expect(await stage.fetch(url)).toMatchObject({ status: 200, sha256: vad.sha256 })
      expect(await stage.events('fault')).toContainEqual(
        expect.objectContaining({ code: 'protocol', message: expect.stringMatching(field) }),
      )
      expect(stage.traffic.of('xorb')).toEqual([])
    } finally {
      await proxy.close()
    }
  })
