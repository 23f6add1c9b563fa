import fc from 'fast-check'
import { afterEach, expect, test, vi, describe } from 'vitest'
import { FerryError } from '../core/errors.ts'
import { AnsweringChannel, decodeError, encodeError } from './channel.ts'
import { protocolNumber } from './messages.ts'

const open: AnsweringChannel[] = []
const scope = 'https://app.example/'
const name = `test-${Math.random()}`
function channel(): AnsweringChannel {
  const made = new AnsweringChannel(name)
  open.push(made)
  return made
}
afterEach(() => open.splice(0).forEach((made) => made.close()))

test('a question reaches every realm, and the answer names its sender', async () => {
  const [principal, deaf, knower] = [channel(), channel(), channel()]
  knower.answer({ locate: async () => ({ own: true }) })
  const { from } = await principal.ask('locate', { scope }, { timeoutMs: 1000 })
  expect(from).toBe(knower.id)
  expect(from).not.toBe(deaf.id)
})

test('a question to one realm is answered only by that realm', async () => {
  const [principal, one, other] = [channel(), channel(), channel()]
  for (const made of [one, other]) made.answer({ locate: async () => ({ own: true }) })
  for (let turn = 0; turn < 5; turn += 1)
    expect((await principal.ask('locate', { scope }, { to: other.id, timeoutMs: 1000 })).from).toBe(
      other.id,
    )
})

test('a question without an answer ends in a timeout', async () => {
  await expect(channel().ask('locate', { scope }, { timeoutMs: 30 })).rejects.toMatchObject({
    code: 'timeout',
  })
})

test('errors keep their code', async () => {
  const [principal, knower] = [channel(), channel()]
  knower.answer({
    info: async () => {
      throw new FerryError('not-found', 'No such file.', { status: 404, url: 'https://h/x?s=1' })
    },
  })
  await expect(
    principal.ask('info', { url: 'https://h/x' }, { timeoutMs: 1000 }),
  ).rejects.toMatchObject({
    name: 'FerryError',
    code: 'not-found',
    status: 404,
    url: 'https://h/x',
  })
})

test('cancelling reaches the answering realm', async () => {
  const [principal, knower] = [channel(), channel()]
  const abort = new AbortController()
  const seen = new Promise<void>((resolve) => {
    knower.answer({
      locate: (_, { signal }) =>
        new Promise((_done, reject) => {
          signal.addEventListener('abort', () => {
            resolve()
            reject(signal.reason)
          })
          abort.abort(new Error('changed my mind'))
        }),
    })
  })
  await expect(
    principal.ask('locate', { scope }, { timeoutMs: 5000, signal: abort.signal }),
  ).rejects.toThrow('changed my mind')
  await seen
})

test('closing ends what is pending', async () => {
  const principal = channel()
  const pending = principal.ask('locate', { scope }, { timeoutMs: 5000 })
  principal.close()
  await expect(pending).rejects.toMatchObject({ code: 'closed' })
})

test('after closing, messages are dropped and questions are refused', async () => {
  const principal = channel()
  const signal = AbortSignal.timeout(5000)
  principal.close()
  expect(() => principal.tell({ kind: 'keep-alive', demand: 'd' })).not.toThrow()
  await expect(
    principal.ask('locate', { scope }, { timeoutMs: 5000, signal }),
  ).rejects.toMatchObject({
    code: 'closed',
  })
})

test('work that ends after closing causes no error', async () => {
  const [principal, knower] = [channel(), channel()]
  const finish: ((answer: { own: boolean }) => void)[] = []
  knower.answer({ locate: () => new Promise((resolve) => void finish.push(resolve)) })
  const answer = principal.ask('locate', { scope }, { timeoutMs: 200 })
  const failed = expect(answer).rejects.toMatchObject({ code: 'timeout' })
  await vi.waitFor(() => expect(finish).toHaveLength(1))
  knower.close()
  finish[0]?.({ own: true })
  await failed
})

test('an answer that is not preferred is used when no better one arrives', async () => {
  const [principal, other, own] = [channel(), channel(), channel()]
  other.answer({ locate: async () => ({ own: false }) })
  const options = { timeoutMs: 300, prefer: (answer: { own: boolean }) => answer.own }
  expect(await principal.ask('locate', { scope }, options)).toEqual({
    from: other.id,
    answer: { own: false },
  })
  let answered = false
  other.answer({
    locate: async () => {
      answered = true
      return { own: false }
    },
  })
  own.answer({ locate: () => vi.waitFor(() => (expect(answered).toBe(true), { own: true })) })
  expect((await principal.ask('locate', { scope }, { ...options, timeoutMs: 5000 })).from).toBe(
    own.id,
  )
})

test('a realm without an answer stays silent, and the answer of another realm arrives', async () => {
  const [principal, other, meant] = [channel(), channel(), channel()]
  for (const [made, own] of [
    [other, 'https://app.example/other-sw.js'],
    [meant, 'https://app.example/sw.js'],
  ] as const)
    made.answer({ shell: async ({ script }) => (script === own ? 1 : undefined) })
  const ask = { script: 'https://app.example/sw.js', urls: [] }
  expect((await principal.ask('shell', ask, { timeoutMs: 1000 })).from).toBe(meant.id)
})

test('a realm of another protocol version gets the release and no other answer', async () => {
  const knower = channel()
  const version = { protocol: protocolNumber, version: '1.0.0', build: 'b' }
  knower.answer({ version: async () => version, locate: async () => ({ own: true }) })
  const other = new BroadcastChannel(name)
  const heard: unknown[] = []
  other.addEventListener('message', ({ data }) => heard.push(data))
  const ask = (about: string, id: string): void =>
    other.postMessage({ protocol: 99, from: 'x', kind: 'ask', name: about, id, ask: {} })
  ask('locate', '1')
  ask('version', '2')
  await vi.waitFor(() => expect(heard).toMatchObject([{ id: '2', to: 'x', answer: version }]))
  other.close()
})

test('the release of a realm of another protocol version is received, its events are not', async () => {
  const principal = channel()
  const other = new BroadcastChannel(name)
  const answer = { protocol: 99, version: '9.0.0', build: 'b' }
  other.addEventListener('message', ({ data: { id, from } }) => {
    const event = { name: 'evicted', detail: { content: 'x' } }
    other.postMessage({ protocol: 99, from: 'x', kind: 'event', event })
    other.postMessage({ protocol: 99, from: 'x', to: from, kind: 'answer', id, answer })
  })
  const heard: string[] = []
  principal.listen(({ kind }) => heard.push(kind))
  const script = 'https://app.example/sw.js'
  expect((await principal.ask('version', { script }, { timeoutMs: 1000 })).answer).toEqual(answer)
  expect(heard).not.toContain('event')
  other.close()
})

describe('errors', () => {
  const secret = 'X-Amz-Signature=s3cret'

  test.each([
    ['an abort', new DOMException('Gone.', 'AbortError'), 'aborted', false],
    ['a timeout', new DOMException('Late.', 'TimeoutError'), 'timeout', true],
    ['another error', new TypeError('x is not a function'), 'worker', false],
    ['no error at all', 'just text', 'worker', false],
    ['nothing', undefined, 'worker', false],
  ])('%s gets a code', (_, error, code, retryable) => {
    expect(encodeError(error)).toMatchObject({ code, retryable })
  })

  test('a foreign error gets the given code', () => {
    expect(encodeError(new Error('x'), 'storage').code).toBe('storage')
    expect(encodeError(new FerryError('quota', 'Full.'), 'storage').code).toBe('quota')
  })

  test('a FerryError survives as plain data', () => {
    const options = fc.record(
      {
        retryable: fc.boolean(),
        url: fc.constantFrom('https://hub.example/x', 'https://hub.example/x?token=1'),
        status: fc.integer({ min: 400, max: 599 }),
        errorCode: fc.string(),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.constantFrom('http', 'quota', 'integrity'), options, (code, given) => {
        const error = new FerryError(code, 'What happened.', given)
        const again = decodeError(structuredClone(encodeError(error)))
        expect(again).toBeInstanceOf(FerryError)
        const { message, retryable, url, status, errorCode } = again
        expect({ code: again.code, message, retryable, url, status, errorCode }).toEqual({
          code,
          message: 'What happened.',
          retryable: error.retryable,
          url: error.url,
          status: error.status,
          errorCode: error.errorCode,
        })
      }),
    )
  })

  describe('no secret leaves the realm', () => {
    test.each([
      `Failed to fetch https://cdn.example/x?${secret}`,
      `"https://cdn.example/x?${secret}" and (http://user:s3cret@hub.example/y#s3cret).`,
      `<https://cdn.example/x?a=b&${secret}>`,
      `https://cdn.example/x refused "Bearer s3cret"`,
      `cdn.example/x?${secret} is not absolute`,
    ])('%s', (message) => {
      const url = `https://user:s3cret@cdn.example/x?${secret}`
      for (const error of [new TypeError(message), new FerryError('http', message, { url })]) {
        const text = JSON.stringify(encodeError(error))
        expect(text).not.toContain('s3cret')
        expect(text).toContain('cdn.example/x')
      }
    })
  })
})
