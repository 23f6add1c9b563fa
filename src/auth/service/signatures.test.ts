import { createHash, createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { signRequest, signatureHeaders } from './signatures.ts'

const credential = { keyId: 'edge-1', secret: 'a secret of the edge with 32 bytes or more' }
const sha = (text: string): string => createHash('sha256').update(text).digest('hex')

test('the signature equals that of another HMAC implementation', () => {
  const url = 'https://user.example/v1/x%20y?q=%C3%A4&r'
  const headers = signRequest(
    { method: 'post', url, body: 'bödy', decision: '{"a":1}' },
    credential,
    {
      clock: { now: () => 1_800_000_000_000 },
      nonce: () => 'nonce-nonce-nonce',
    },
  )
  const lines = [
    'modelferry-hmac-sha256-v1',
    'edge-1',
    '1800000000000',
    'nonce-nonce-nonce',
    'POST',
    '/v1/x%20y?q=%C3%A4&r',
    sha('bödy'),
    sha('{"a":1}'),
  ]
  expect(headers).toEqual({
    [signatureHeaders.key]: 'edge-1',
    [signatureHeaders.timestamp]: '1800000000000',
    [signatureHeaders.nonce]: 'nonce-nonce-nonce',
    [signatureHeaders.digest]: sha('bödy'),
    [signatureHeaders.decision]: '{"a":1}',
    [signatureHeaders.signature]: createHmac('sha256', credential.secret)
      .update(lines.join('\n'))
      .digest('hex'),
  })
})

test('never uses a nonce twice', () => {
  const parts = { method: 'GET', url: 'https://auth.example/' }
  const nonces = Array.from(
    { length: 100 },
    () => signRequest(parts, credential)[signatureHeaders.nonce],
  )
  expect(new Set(nonces).size).toBe(100)
})
