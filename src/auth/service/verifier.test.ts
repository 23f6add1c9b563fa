import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FakeClock } from '../../net/testing/FakeClock.ts'
import { type ServiceCredential, signRequest, signatureHeaders } from './signatures.ts'
import { type VerifyFault, createRequestVerifier } from './verifier.ts'

const edge = { keyId: 'edge-1', secret: 'a secret of the edge with 32 bytes or more' }
const next = { keyId: 'edge-2', secret: 'the next secret of the edge, also long enough' }
const stranger = { keyId: 'edge-9', secret: 'an invented secret of sufficient length' }
const url = 'https://auth.example/v1/introspect?a=1'
const body = '{"token":"tokseed00"}'

function setUp(credentials: readonly ServiceCredential[] = [edge, next], maxNonces = 100) {
  const clock = new FakeClock(1_800_000_000_000)
  const faults: VerifyFault[] = []
  const onRefusal = (fault: VerifyFault): void => void faults.push(fault)
  const verify = createRequestVerifier(credentials, { clock, maxNonces, onRefusal, maxBytes: 64 })
  const signed = (credential: ServiceCredential = edge, nonce?: string): Record<string, string> =>
    signRequest(
      { method: 'POST', url, body },
      credential,
      nonce === undefined ? { clock } : { clock, nonce: () => nonce },
    )
  return { clock, verify, signed, faults }
}

function post(headers: Record<string, string>, sent: BodyInit = body, to: string = url): Request {
  return new Request(to, { method: 'POST', body: sent, headers, duplex: 'half' } as RequestInit)
}

test('accepts either active key, and returns the body', async () => {
  const { verify, signed } = setUp()
  for (const credential of [edge, next]) {
    const caller = await verify(post(signed(credential)))
    if (caller.state !== 'verified') throw new Error(caller.state)
    expect(caller.keyId).toBe(credential.keyId)
    expect(new TextDecoder().decode(caller.body)).toBe(body)
  }
})

test('a request without body and query is signed too', async () => {
  const { clock, verify } = setUp()
  const plain = 'https://auth.example/v1/revocations'
  const headers = signRequest({ method: 'get', url: plain }, edge, { clock })
  expect((await verify(new Request(plain, { headers }))).state).toBe('verified')
})

test.each<[string, VerifyFault, (signed: Record<string, string>) => Request]>([
  ['no signature', 'unsigned', () => post({})],
  ['another body', 'digest', (signed) => post(signed, '{"token":"toknectar"}')],
  [
    'another body with its digest',
    'signature',
    (signed) =>
      post(
        { ...signed, ...only(signRequest({ method: 'POST', url, body: 'x' }, edge), 'digest') },
        'x',
      ),
  ],
  ['another path', 'signature', (signed) => post(signed, body, 'https://auth.example/v1/pass?a=1')],
  ['another query', 'signature', (signed) => post(signed, body, url.replace('a=1', 'a=2'))],
  [
    'another method',
    'signature',
    (signed) => new Request(url, { method: 'PUT', body, headers: signed }),
  ],
  ['another key', 'signature', (signed) => post({ ...signed, [signatureHeaders.key]: 'edge-2' })],
  [
    'an unknown key',
    'unknown-key',
    () => post(signRequest({ method: 'POST', url, body }, stranger)),
  ],
  [
    'another timestamp',
    'signature',
    (signed) => post({ ...signed, [signatureHeaders.timestamp]: '1800000000001' }),
  ],
  [
    'another nonce',
    'signature',
    (signed) => post({ ...signed, [signatureHeaders.nonce]: 'x'.repeat(20) }),
  ],
  [
    'a decision slipped in',
    'signature',
    (signed) => post({ ...signed, [signatureHeaders.decision]: '{}' }),
  ],
  [
    'a cut signature',
    'unsigned',
    (signed) =>
      post({
        ...signed,
        [signatureHeaders.signature]: signed[signatureHeaders.signature]!.slice(1),
      }),
  ],
])('%s is refused, and the caller does not learn why', async (_, fault, request) => {
  const { verify, signed, faults } = setUp()
  expect(await verify(request(signed()))).toEqual({ state: 'refused' })
  expect(faults).toEqual([fault])
})

test.each([
  [60_000, 'verified'],
  [60_001, 'refused'],
  [61_000, 'refused'],
])('a timestamp %i ms old is %s', async (age, state) => {
  const { clock, verify, signed } = setUp()
  const request = post(signed())
  await clock.advance(age)
  expect((await verify(request)).state).toBe(state)
})

test('a timestamp in the future has the same tolerance as one in the past', async () => {
  const { clock, verify, signed } = setUp()
  const early = new FakeClock(clock.now() + 60_001)
  const headers = signRequest({ method: 'POST', url, body }, edge, { clock: early })
  expect((await verify(post(headers))).state).toBe('refused')
  await clock.advance(1)
  expect((await verify(post(headers))).state).toBe('verified')
  expect((await verify(post(signed()))).state).toBe('verified')
})

test('a replayed nonce is refused for as long as its timestamp is valid', async () => {
  const { clock, verify, signed, faults } = setUp()
  const headers = signed()
  expect((await verify(post(headers))).state).toBe('verified')
  await clock.advance(60_000)
  expect(await verify(post(headers))).toEqual({ state: 'refused' })
  await clock.advance(1)
  expect(await verify(post(headers))).toEqual({ state: 'refused' })
  expect(faults).toEqual(['replayed', 'timestamp'])
})

test('of two concurrent requests with one nonce, one is accepted', async () => {
  const { verify, signed } = setUp()
  const headers = signed()
  const states = await Promise.all([verify(post(headers)), verify(post(headers))])
  expect(states.map(({ state }) => state).toSorted()).toEqual(['refused', 'verified'])
})

test('the nonce window is bounded per key, refuses when full, and empties with time', async () => {
  const { clock, verify, signed, faults } = setUp([edge, next], 3)
  for (let at = 0; at < 3; at += 1) expect((await verify(post(signed()))).state).toBe('verified')
  expect((await verify(post(signed()))).state).toBe('refused')
  expect(faults).toEqual(['full'])
  expect((await verify(post(signed(next)))).state).toBe('verified')
  await clock.advance(60_001)
  expect((await verify(post(signed()))).state).toBe('verified')
})

test('requests without a valid signature take no place in the window', async () => {
  const { verify, signed } = setUp([edge], 1)
  const forged = { ...signed(), [signatureHeaders.signature]: '0'.repeat(64) }
  for (let at = 0; at < 5; at += 1) await verify(post(forged))
  expect((await verify(post(signed()))).state).toBe('verified')
})

test('a body over the limit is not read to its end', async () => {
  const { verify, signed } = setUp()
  let pulled = 0
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      pulled += 1
      controller.enqueue(new Uint8Array(40))
    },
  })
  expect(await verify(post(signed(), endless))).toEqual({ state: 'too-large' })
  expect(pulled).toBeLessThan(5)
  expect(await verify(post(signed(), 'x'.repeat(65)))).toEqual({ state: 'too-large' })
  const lying = post({ 'content-length': '1' }, 'x'.repeat(65))
  expect((await verify(lying)).state).toBe('too-large')
})

test('a body that breaks, and one that was read before, are refusals', async () => {
  const { verify, signed, faults } = setUp()
  const broken = new ReadableStream({ start: (controller) => controller.error(new Error('cut')) })
  expect((await verify(post(signed(), broken))).state).toBe('refused')
  const read = post(signed())
  await read.text()
  expect((await verify(read)).state).toBe('refused')
  expect(faults).toEqual(['body', 'body'])
})

test('an aborted wait for a body ends', async () => {
  const { verify, signed } = setUp()
  const end = new AbortController()
  const hanging = new ReadableStream({ pull: () => new Promise(() => {}) })
  const caller = verify(post(signed(), hanging), { signal: end.signal })
  end.abort(new Error('given up'))
  await expect(caller).rejects.toThrow('given up')
})

test('an observer that throws changes nothing', async () => {
  const verify = createRequestVerifier([edge], {
    onRefusal: () => {
      throw new Error('observer')
    },
  })
  expect(await verify(post({}))).toEqual({ state: 'refused' })
})

test('no header text makes it throw or accept', async () => {
  const { verify, signed } = setUp()
  const names = Object.values(signatureHeaders)
  const value = fc.oneof(fc.string({ unit: 'binary-ascii' }), fc.stringMatching(/^[0-9a-f]{64}$/))
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), value, async (name, text) => {
      const headers = new Headers(signed())
      const before = headers.get(name)
      try {
        headers.set(name, text)
      } catch {
        return // No such header can arrive.
      }
      if (headers.get(name) === (before ?? '')) return
      expect(await verify(new Request(url, { method: 'POST', body, headers }))).toEqual({
        state: 'refused',
      })
    }),
  )
})

test.each<[string, unknown, RegExp]>([
  ['none', [], /no service credentials/],
  ['no list', undefined, /no service credentials/],
  ['nothing', [null], /credential 0 has no usable key id/],
  ['an unset secret', [edge, { keyId: 'b' }], /credential 1 \(b\) has no secret/],
  ['an empty secret', [{ keyId: 'b', secret: '' }], /\(b\) has no secret/],
  ['a short secret', [{ keyId: 'b', secret: 'hunter2hunter2' }], /secret of 14 bytes/],
  ['an odd key id', [{ keyId: 'a b', secret: edge.secret }], /credential 0 has no usable key id/],
  ['a key twice', [edge, { ...next, keyId: 'edge-1' }], /\(edge-1\) is listed twice/],
  ['three keys of one service', [edge, next, { ...next, keyId: 'c' }], /key 3 of one service/],
])('%s stops the start', (_, credentials, message) => {
  const start = (): unknown => createRequestVerifier(credentials as ServiceCredential[])
  expect(start).toThrow(message)
  expect(start).toThrow(expect.objectContaining({ code: 'configuration' }))
  expect(start).not.toThrow(/hunter2/)
})

test('two services may have two keys each', () => {
  const other = { ...next, service: 'text' }
  const four = [edge, next, { ...other, keyId: 'c' }, { ...other, keyId: 'd' }]
  expect(() => createRequestVerifier(four)).not.toThrow()
})

function only(headers: Record<string, string>, name: 'digest'): Record<string, string> {
  return { [signatureHeaders[name]]: headers[signatureHeaders[name]]! }
}
