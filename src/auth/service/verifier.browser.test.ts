import { expect, test } from 'vitest'
import { sha256Hex } from '../digests.ts'
import { createVerdictCache } from '../verdicts/verdict-cache.ts'
import { signRequest } from './signatures.ts'
import { createRequestVerifier } from './verifier.ts'

const credential = { keyId: 'edge-1', secret: 'a secret of the edge with 32 bytes or more' }
const url = 'https://auth.example/v1/introspect?q=ä'
const body = '{"token":"tokseed00"}'

test('signing, verifying and the nonce window work without Node', async () => {
  const verify = createRequestVerifier([credential])
  const headers = signRequest({ method: 'POST', url, body }, credential)
  const request = (): Request => new Request(url, { method: 'POST', body, headers })
  expect((await verify(request())).state).toBe('verified')
  expect((await verify(request())).state).toBe('refused')
  const validate = createVerdictCache(async () => ({ state: 'valid', sub: 'u1' }))
  expect(await validate('t', sha256Hex('t'))).toEqual({ state: 'valid', sub: 'u1' })
})
