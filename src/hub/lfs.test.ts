import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { startTestHub } from './testing/startTestHub.ts'

const bytes = new TextEncoder().encode('plain bytes')
const oid = createHash('sha256').update(bytes).digest('hex')

async function put(url: string, body: Uint8Array<ArrayBuffer>): Promise<number> {
  return (await fetch(url, { method: 'PUT', body })).status
}

test('a plain upload goes to its signed URL, and must match its announced length and hash', async () => {
  const hub = await startTestHub()
  const response = await hub.get('/me/vad.git/info/lfs/objects/batch', {
    method: 'POST',
    headers: { authorization: 'Bearer hf_tester' },
    body: JSON.stringify({
      operation: 'upload',
      transfers: ['basic'],
      objects: [{ oid, size: 11 }],
    }),
  })
  const { transfer, objects } = (await response.json()) as {
    transfer: string
    objects: { actions: { upload: { href: string } } }[]
  }
  expect(transfer).toBe('basic')
  const { href } = objects[0]!.actions.upload
  expect(await put(href, bytes.slice(1))).toBe(400)
  expect(await put(href.replace('Signature=', 'Signature=x'), bytes)).toBe(403)
  expect((await fetch(href)).status).toBe(405)
  expect(await put(href, bytes)).toBe(200)
})

test.each([
  { operation: 'download', objects: [] },
  { operation: 'upload', objects: 'x' },
  { operation: 'upload', objects: [{ oid: '../../x', size: 1 }] },
])('a batch like %j is refused', async (body) => {
  const hub = await startTestHub()
  const send = (text: string): Promise<Response> =>
    hub.get('/me/vad.git/info/lfs/objects/batch', {
      method: 'POST',
      headers: { authorization: 'Bearer hf_tester' },
      body: text,
    })
  expect((await send(JSON.stringify(body))).status).toBe(400)
  expect((await send('{')).status).toBe(400)
})
