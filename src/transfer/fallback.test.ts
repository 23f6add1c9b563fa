import { uploadFile } from '@huggingface/hub'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { FerryError } from '../core/errors.ts'
import { kinds, startOrigin, type Origin } from '../hub/testing/startOrigin.ts'
import { answered, ask } from './testing/ask.ts'
import { RangeRefused } from './blocks.ts'
import { nextStepAfter, isSameFile, mayUseOwnUrl, secondAnswer } from './fallback.ts'
import type { FileInfo } from '../data/index.ts'

const hash = (digit: string): string => digit.repeat(64)
const file: FileInfo = {
  url: 'https://hub.example/me/m/resolve/main/x.bin',
  content: `xet:${hash('a')}+sha256:${hash('b')}`,
  size: 100,
  xetHash: hash('a'),
  sha256: hash('b'),
  tokenUrl: 'https://hub.example/token',
  fetchedAt: 0,
}

describe('a failure of the CAS', () => {
  test.each([
    ['of the device', new FerryError('quota', 'full'), 'stop'],
    ['of an aborted caller', new FerryError('aborted', 'over'), 'stop'],
    ['that no rule knows', new TypeError('x'), 'stop'],
    ['to answer ranges', new RangeRefused(), 'sequence'],
    ['of storage', new FerryError('forbidden', 'no', { status: 403 }), 'doubt'],
    ['to match a hash', new FerryError('integrity', 'no'), 'doubt'],
  ] as const)('%s', (_, error, step) => {
    expect(nextStepAfter(error)).toBe(step)
  })

  test('leads to the own URL of the file only when a SHA-256 proves it and the length is certain', () => {
    const { sha256: _, ...rest } = file
    const unproven = { ...rest, content: `xet:${hash('a')}` }
    const { xetHash: __, ...plain } = file
    const longer = new FerryError('protocol', 'no', { errorCode: 'LengthDiffers' })
    expect(mayUseOwnUrl(file, new FerryError('protocol', 'no'))).toBe(true)
    expect(mayUseOwnUrl(file, longer)).toBe(false)
    expect(mayUseOwnUrl(unproven, undefined)).toBe(false)
    expect(mayUseOwnUrl(plain, undefined)).toBe(false)
  })
})

test.each([
  ['nothing', undefined, 'same'],
  ['the same', file, 'same'],
  ['no SHA-256', { ...file, sha256: undefined }, 'same'],
  ['another token URL', { ...file, tokenUrl: 'https://hub.example/t' }, 'moved'],
  ['another length', { ...file, size: 101 }, 'another'],
  ['another Xet hash', { ...file, xetHash: hash('c') }, 'another'],
  ['another SHA-256', { ...file, sha256: hash('c') }, 'another'],
] as const)('a second answer with %s', (_, second, expected) => {
  expect(secondAnswer(file, second as FileInfo | undefined)).toBe(expected)
})

test('answers with missing values may be of the same file', () => {
  expect(isSameFile(file, { size: 100 })).toBe(true)
  expect(isSameFile({ size: 100 }, { size: 99 })).toBe(false)
})

describe('the info of a hub about a file of a commit is wrong once', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  type Lie = Readonly<Record<string, string>>

  /** The next answers about the file are wrong; later ones are correct again. */
  function lie({ hub }: Origin, lies: readonly Lie[]): void {
    const left = [...lies]
    const real = globalThis.fetch
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      const response = await real(input, init)
      if (typeof input !== 'string' || !input.startsWith(`${hub.url}/me/vad/resolve/`))
        return response
      if (!new Headers(init?.headers).get('accept')?.includes('xet')) return response
      const headers = new Headers(response.headers)
      const lied = Object.entries(left.shift() ?? {})
      for (const [name, value] of lied) headers.set(name, value)
      // A body would contradict them.
      const body = lied.length === 0 ? response.body : null
      const changed = new Response(body, { status: response.status, headers })
      return Object.defineProperty(changed, 'url', { value: response.url })
    })
  }

  async function pinned(place: Origin): Promise<{ url: string; info: FileInfo }> {
    const known = await place.engine().info(place.url, {})
    if (!('info' in known)) throw new Error('refused')
    place.store.urls.clear()
    place.hub.hub.log.clear()
    return { url: place.url.replace('main', known.info.commit!), info: known.info }
  }

  const lies: [string, (info: FileInfo) => Lie][] = [
    ['the length is 0', () => ({ 'x-linked-size': '0' })],
    ['the length is one too small', ({ size }) => ({ 'x-linked-size': String(size - 1) })],
    ['the length is one too large', ({ size }) => ({ 'x-linked-size': String(size + 1) })],
    ['the length is that of another file', () => ({ 'x-linked-size': '1000' })],
    ['another Xet hash', () => ({ 'x-xet-hash': hash('c') })],
    ['another token URL', () => ({ link: '<http://127.0.0.1:1/token>; rel="xet-auth"' })],
  ]
  test.each(lies)('%s: it is requested again, and then the file is correct', async (_, wrong) => {
    const place = await startOrigin()
    const { url, info } = await pinned(place)
    lie(place, [wrong(info)])
    const first = await ask(place.engine(), url)
      .then((answer) => answer.bytes())
      .catch((error: unknown) => error)
    // The page's own request is made when this fails before the headers.
    if (first instanceof Uint8Array) expect(Buffer.compare(first, place.bytes)).toBe(0)
    else expect(first).toBeInstanceOf(FerryError)
    // After a reload, in another realm.
    const answer = await ask(place.engine(), url)
    expect(Buffer.compare(await answer.bytes(), place.bytes)).toBe(0)
    expect(answer.headers.get('x-linked-size')).toBe(String(info.size))
    expect(answer.headers.get('x-xet-hash')).toBe(info.xetHash)
    expect([...place.store.files.values()].map(({ proof }) => proof)).toContain('xet')
  })

  test.each([
    ['a small file', 300_000],
    ['a larger file, whose parts are delivered as they are proven', 3_000_000],
  ])('the Xet hash is that of another file of the same size: %s is right', async (_, size) => {
    const place = await startOrigin()
    const right = Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 8)) % 251)
    const other = right.toReversed()
    for (const [path, bytes] of Object.entries({ 'right.onnx': right, 'other.onnx': other }))
      await uploadFile({
        ...place.hub.client,
        repo: 'me/vad',
        file: { path, content: new Blob([bytes]) },
      })
    const { info } = await pinned({ ...place, url: place.url.replace('model', 'other') })
    const url = info.url.replace('main', info.commit!).replace('other', 'right')
    lie(place, [{ 'x-xet-hash': info.xetHash! }])
    const answers: Uint8Array[] = []
    for (let asked = 0; asked < 3; asked += 1) {
      const answer = await ask(place.engine(), url)
      answers.push(await answer.bytes())
      await vi.waitFor(() => expect(place.store.urls.get(url)?.info.xetHash).not.toBe(info.xetHash))
    }
    for (const bytes of answers) expect(Buffer.compare(bytes, right)).toBe(0)
    expect(place.events).toContainEqual(
      expect.objectContaining({
        name: 'fault',
        detail: expect.objectContaining({ code: 'integrity' }),
      }),
    )
  })

  test('the bytes of one file are never stored under the hash of another', async () => {
    const place = await startOrigin()
    const { url } = await pinned(place)
    place.hub.hub.faults.add({
      kind: 'reconstruction',
      times: Infinity,
      action: { do: 'status', status: 404 },
    })
    lie(place, [{ 'x-xet-hash': hash('c') }])
    await expect(ask(place.engine(), url)).rejects.toMatchObject({ code: 'integrity' })
    expect(await place.store.file(`xet:${hash('c')}`)).toBeUndefined()
  })

  test.each([
    ['by Xet', true],
    ['without Xet', false],
  ])(
    'files of one size with the same made-up Xet hash each get their own bytes, %s',
    async (_, xet) => {
      const place = await startOrigin()
      const other = Uint8Array.from(place.bytes).toReversed()
      const file = { path: 'other.onnx', content: new Blob([other]) }
      await uploadFile({ ...place.hub.client, repo: 'me/vad', file })
      lie(
        place,
        Array.from({ length: 20 }, () => ({ 'x-xet-hash': hash('c') })),
      )
      const files = new Map([
        [place.url, place.bytes],
        [place.url.replace('model', 'other'), other],
      ])
      // At once in two realms, then from the device.
      const proofs = (): unknown[] => [...place.store.files.values()].map(({ proof }) => proof)
      for (const label of ['stream', 'hit']) {
        await Promise.all(
          [...files].map(async ([url, bytes]) => {
            const answer = await ask(place.engine(undefined, undefined, xet), url)
            expect(answer.headers.get('x-modelferry')).toBe(label)
            expect(Buffer.compare(await answer.bytes(), bytes)).toBe(0)
          }),
        )
        await vi.waitFor(() => expect(proofs()).toEqual(['sha256', 'sha256']), 5000)
      }
    },
  )

  test('what an earlier release knows by the Xet hash alone is not stored by the SHA-256', async () => {
    const place = await startOrigin()
    const { info } = await pinned(place)
    const old = { ...info, content: `xet:${info.xetHash}` }
    for (const xet of [true, false]) {
      const action = { do: 'status', status: 404 } as const
      place.hub.hub.faults.add({ kind: 'reconstruction', times: Infinity, action })
      const engine = place.engine(undefined, undefined, xet)
      const demand = await engine.demand(old, { start: 0, end: info.size }, {})
      await expect(demand.until(info.size - 1)).rejects.toBeInstanceOf(FerryError)
      expect(await place.store.file(old.content)).toBeUndefined()
    }
  })

  const fresh = (url: string) =>
    ({ url, method: 'GET', headers: new Headers(), cache: 'no-cache' }) as const

  test.each([
    // The bytes do not match it: two more questions find out which hash is wrong.
    ['a later answer corrects it', [{ 'x-linked-etag': `"${hash('d')}"` }], 3],
    ['the stored info stays', [{}, { 'x-linked-etag': `"${hash('d')}"` }], 2],
    [
      'no two answers agree: nothing is stored',
      [{}, { 'x-linked-size': '7' }, { 'x-linked-size': '8' }],
      0,
    ],
  ] as const)('%s', async (_, lies, entries) => {
    const place = await startOrigin()
    const { url, info } = await pinned(place)
    lie(place, lies)
    const engine = place.engine()
    await (await ask(engine, url)).bytes()
    const second = await answered(engine, fresh(url)).catch((error: unknown) => error)
    if (entries === 0) {
      expect(second).toMatchObject({ code: 'unsupported' })
      expect(place.store.urls.has(url)).toBe(false)
      return
    }
    expect((second as Response).headers.get('x-linked-etag')).toBe(`"${info.sha256}"`)
    expect(place.store.urls.get(url)?.info.sha256).toBe(info.sha256)
    expect(kinds(place).filter((kind) => kind === 'resolve')).toHaveLength(entries + 1)
  })
})
