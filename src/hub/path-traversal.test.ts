import { request } from 'node:http'
import { expect, test } from 'vitest'
import { putModel } from './testing/putModel.ts'
import { startTestHub } from './testing/startTestHub.ts'

/** Sends a path unchanged: `fetch` would normalise it. */
function sendRaw(origin: string, path: string): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(origin)
  return new Promise((resolve, reject) => {
    const sending = request({ hostname, port, path }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (part: string) => (body += part))
      response.on('end', () => resolve({ status: response.statusCode!, body }))
    })
    sending.on('error', reject).end()
  })
}

test('no path reaches files outside of a repository', async () => {
  const hub = await startTestHub()
  await putModel(hub)
  const up = ['..', '%2e%2e', '..%2f..', '.%2e', '%252e%252e']
  const starts = [
    '/',
    '/me/vad/resolve/main/',
    '/me/vad/raw/main/',
    '/xorbs/default/',
    '/lfs/',
    '/v1/files/',
  ]
  const paths = starts.flatMap((start) =>
    up.map((step) => `${start}${`${step}/`.repeat(4)}secrets.json`),
  )
  for (const origin of [hub.url, hub.storageUrl]) {
    for (const path of [
      ...paths,
      '/me/vad/resolve/main/%00',
      '//secrets.json',
      `/${'a/'.repeat(4000)}`,
    ]) {
      const { status, body } = await sendRaw(origin, path)
      expect([path, status >= 400 && status < 500]).toEqual([path, true])
      expect(body).not.toContain('"key"')
    }
  }
})
