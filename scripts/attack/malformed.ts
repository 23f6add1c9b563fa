// Random malformed requests: the server must answer or close each of them, and go on.

import assert from 'node:assert/strict'
import { sendRaw, statusOf } from './raw.ts'
import { tokens, type Target } from './target.ts'

/** A generator with a seed, so that a failure can be played again (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const methods = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'get',
  'PURGE',
  'TRACE',
  '',
  'G\0T',
]
const paths = [
  '/',
  '//',
  '/%',
  '/%zz',
  '*',
  'http://x/a',
  '/api/models/a/b',
  '/api/models/%2e%2e/x/tree/main',
  '/a/b/resolve/main/x',
  '/a/b/resolve/refs%2Fpr%2F1/x',
  '/v1/chunks/default/abc',
  '/v2/reconstructions/x',
  '/v1/shards',
  '/v1/text/..%2f',
  '/metrics',
  `/${'a'.repeat(9000)}`,
]
const headers = [
  'Host: a\r\nHost: b',
  'Host: \u0000',
  'Content-Length: 5',
  'Content-Length: -1',
  'Content-Length: 5\r\nContent-Length: 6',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nContent-Length: 3',
  'Transfer-Encoding: xchunked',
  'Authorization: Bearer',
  'Authorization: Bearer \u00e9\u00e9',
  'Authorization: Bearer a\r\nAuthorization: Bearer b',
  'Range: bytes=9-1,,-',
  'If-None-Match: "',
  'Origin: null',
  'Expect: 100-continue',
  'Connection: upgrade\r\nUpgrade: websocket',
  'X-Forwarded-For: 1.1.1.1, zzz',
  ': empty',
  'no colon',
  ' folded: x',
  'Content-Type: application/json',
  'Accept-Encoding: gzip;q=x',
]
const bodies = [
  '',
  '{',
  '{"paths":["a"]}',
  '5\r\nhello\r\n0\r\n\r\n',
  'zz\r\n',
  '\u0000'.repeat(50),
]

/**
 * Sends random malformed requests, 32 at once.
 *
 * @param count how many
 * @param seed of what is random
 */
export async function malformed(target: Target, count: number, seed: number): Promise<string> {
  const random = randomFrom(seed)
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!
  const statuses = new Map<number | undefined, number>()
  let sent = 0
  const attack = async (): Promise<void> => {
    while (sent < count) {
      sent++
      const lines = Array.from({ length: Math.floor(random() * 3) }, () => pick(headers))
      if (random() < 0.5) lines.push(`Authorization: Bearer ${tokens.holder}`)
      if (random() < 0.9) lines.push('Host: x')
      const head = `${pick(methods)} ${pick(paths)} HTTP/${pick(['1.1', '1.1', '1.1', '1.1', '1.0', '9.9'])}`
      let text = [head, ...lines, 'Connection: close', '', pick(bodies)].join('\r\n')
      const at = Math.floor(random() * text.length)
      if (random() < 0.1) {
        text = text.slice(0, at) + String.fromCharCode(random() * 256) + text.slice(at + 1)
      }
      const status = statusOf(await sendRaw(target.port, Buffer.from(text, 'latin1'), { ms: 500 }))
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: 32 }, attack))
  assert.ok(target.isRunning(), `the server ended; seed ${seed}`)
  assert.equal(statuses.get(500) ?? 0, 0, `500 was answered; seed ${seed}`)
  const policy = await fetch(`${target.url}/.well-known/modelferry-policy`)
  assert.equal(policy.status, 200)
  const counts = [...statuses].toSorted(([, one], [, other]) => other - one)
  return `${count} requests, seed ${seed}: ${counts.map(([status, times]) => `${status ?? 'closed'} ${times}`).join(', ')}`
}
