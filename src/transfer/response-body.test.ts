import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { FerryError } from '../core/errors.ts'
import type { FileInfo } from '../data/index.ts'
import type { Delivered, DownloadReader } from './file-source.ts'
import { readerStream, heldBody } from './response-body.ts'

describe('readerStream', () => {
  const size = 20 * 2 ** 20
  const file = new Uint8Array(size).map((_, at) => (at >> 12) * 31)

  /** A demand for a complete file; records its reads. */
  class HeldDemand implements DownloadReader {
    readonly taken = { range: { start: 0, end: 0 }, doubtful: [], joined: false }
    readonly info: FileInfo = { url: '', content: '', size, fetchedAt: 0 }
    readonly reads: [number, number][] = []
    released = 0
    failure: FerryError | undefined

    async begun(): Promise<boolean> {
      return true
    }

    async until(): Promise<number> {
      if (this.failure) throw this.failure
      return size
    }

    async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
      this.reads.push([start, end])
      return file.slice(start, end)
    }

    release(): void {
      this.released += 1
    }
  }

  const once = async (): Promise<DownloadReader> => {
    throw new Error('Nothing is asked for twice.')
  }

  test.each([
    [0, size],
    [3, 4],
    [5, size - 7],
  ])('bytes %i to %i arrive completely and in order, each read once', async (start, end) => {
    const demand = new HeldDemand()
    const bytes = await new Response(readerStream(demand, { start, end }, once)).bytes()
    expect(Buffer.compare(bytes, file.subarray(start, end))).toBe(0)
    let next = start
    for (const [from, to] of demand.reads) {
      expect(from).toBe(next)
      next = to
    }
    expect(next).toBe(end)
    expect(demand.released).toBeGreaterThan(0)
  })

  test('frees each part when the next one is asked for, if the consumer has copied it', async () => {
    for (const copied of [true, false]) {
      const body = readerStream(new HeldDemand(), { start: 0, end: size }, once, undefined, copied)
      const parts: { length: number; part: Uint8Array }[] = []
      const copy = new Uint8Array(size)
      let next = 0
      for await (const part of body) {
        parts.push({ length: part.length, part })
        copy.set(part, next)
        next += part.length
      }
      expect(Buffer.compare(copy, file)).toBe(0)
      expect(parts.length).toBeGreaterThan(2)
      const kept = parts.filter(({ length, part }) => part.length === length)
      expect(kept).toHaveLength(copied ? 1 : parts.length)
    }
  })

  describe('a file that changed on its server', () => {
    const changed = new FerryError('integrity', 'x', { errorCode: 'FileChanged' })

    test('is demanded once more if no byte of it was read', async () => {
      const [old, current] = [new HeldDemand(), new HeldDemand()]
      old.failure = changed
      const again = vi.fn(async () => current)
      const body = readerStream(old, { start: 0, end: size }, again)
      expect(Buffer.compare(await new Response(body).bytes(), file)).toBe(0)
      expect(again.mock.calls).toEqual([[old.taken, 0]])
      expect(old.released).toBeGreaterThan(0)
    })

    test('is an error when it changes again', async () => {
      const demand = new HeldDemand()
      demand.failure = changed
      const again = vi.fn(async () => demand)
      const body = readerStream(demand, { start: 0, end: size }, again)
      await expect(new Response(body).bytes()).rejects.toBe(changed)
      expect(again).toHaveBeenCalledTimes(1)
    })

    test('is an error after a byte of it was read', async () => {
      const demand = new HeldDemand()
      const reader = readerStream(demand, { start: 0, end: size }, once).getReader()
      await reader.read()
      demand.failure = changed
      await expect(reader.read()).rejects.toBe(changed)
    })
  })

  test.each([401, 403])(
    'a load that another reader began, and that is refused with %i, is demanded with the own credential',
    async (status) => {
      const [other, own] = [new HeldDemand(), new HeldDemand()]
      other.taken.joined = true
      const again = vi.fn(async () => own)
      const reader = readerStream(other, { start: 0, end: size }, again).getReader()
      const { value } = await reader.read()
      const refused = new FerryError('http', 'No.', { status })
      other.failure = refused
      const parts = [value!]
      for (let next = await reader.read(); next.value; next = await reader.read())
        parts.push(next.value)
      expect(Buffer.compare(Buffer.concat(parts), file)).toBe(0)
      expect(again.mock.calls).toEqual([[other.taken, value!.length]])
      own.failure = refused
      await expect(
        new Response(readerStream(own, { start: 0, end: 9 }, async () => own)).bytes(),
      ).rejects.toBe(refused)
    },
  )

  test.each([
    ['network', 'https://other.example/m.onnx', true],
    ['not-found', 'https://other.example/m.onnx', true],
    ['network', 'https://own.example/m.onnx', false],
    ['integrity', 'https://other.example/m.onnx', false],
    ['quota', 'https://other.example/m.onnx', false],
  ] as const)(
    'a joined load that fails with %s at %s: goes on by the own URL: %s',
    async (code, url, goesOn) => {
      const [other, own] = [new HeldDemand(), new HeldDemand()]
      other.taken.joined = true
      Object.assign(other, { info: { ...other.info, url } })
      const body = readerStream(
        other,
        { start: 0, end: size },
        async () => own,
        undefined,
        undefined,
        'https://own.example/m.onnx',
      )
      const reader = body.getReader()
      const { value } = await reader.read()
      other.failure = new FerryError(code, 'No.', { retryable: true })
      const rest = async (): Promise<Uint8Array[]> => {
        const parts: Uint8Array[] = []
        for (let next = await reader.read(); next.value; next = await reader.read())
          parts.push(next.value)
        return parts
      }
      if (!goesOn) return await expect(rest()).rejects.toBe(other.failure)
      expect(Buffer.compare(Buffer.concat([value!, ...(await rest())]), file)).toBe(0)
    },
  )

  test('the next part is read while one is delivered, and no more', async () => {
    const demand = new HeldDemand()
    const reader = readerStream(demand, { start: 0, end: size }, once).getReader()
    await reader.read()
    await new Promise((resolve) => setTimeout(resolve))
    expect(demand.reads).toHaveLength(2)
    await reader.cancel()
    expect(demand.released).toBeGreaterThan(0)
  })

  test('recalled bytes that were read ahead are not delivered', async () => {
    const demand = new HeldDemand()
    const reader = readerStream(demand, { start: 0, end: size }, once).getReader()
    await reader.read()
    demand.failure = new FerryError('integrity', 'Recalled.')
    await expect(reader.read()).rejects.toBe(demand.failure)
  })
})

describe('an unread body', () => {
  const size = 20 * 2 ** 20
  const info: FileInfo = { url: '', content: '', size, fetchedAt: 0 }

  function demandOf(taken: Delivered, failure?: Error): DownloadReader & { released: boolean } {
    const demand = {
      taken,
      info,
      released: false,
      begun: async () => true,
      until: async () => {
        if (failure) throw failure
        if (demand.released) throw new FerryError('aborted', 'Released.')
        return size
      },
      read: async (start: number, end: number) => new Uint8Array(end - start).fill(start >> 20),
      release: () => {
        demand.released = true
      },
    }
    return demand
  }

  const nothing: Delivered = { range: { start: 0, end: 0 }, doubtful: [] }

  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('releases its demand after 3 s, and renews it when it is read', async () => {
    const taken: Delivered = { range: { start: 0, end: 16 * 2 ** 20 }, doubtful: [] }
    const demands = [demandOf(taken), demandOf(taken)]
    const before: Delivered[] = []
    const again = async (given: Delivered): Promise<DownloadReader> => {
      before.push(given)
      return demands[1]!
    }
    const body = readerStream(demands[0]!, { start: 0, end: size }, again)
    const reader = body.getReader()
    const parts = [await reader.read()]
    await vi.advanceTimersByTimeAsync(2900)
    expect(demands[0]!.released).toBe(false)
    await vi.advanceTimersByTimeAsync(200)
    expect(demands[0]!.released).toBe(true)
    for (let part = await reader.read(); !part.done; part = await reader.read()) parts.push(part)
    expect(before).toEqual([taken])
    const got = parts.flatMap(({ value }) => [...new Set(value)])
    expect(got).toEqual([0, 4, 8, 12, 16])
    expect(demands[1]!.released).toBe(true)
  })

  test('does so too when not even its first byte is read', async () => {
    const demand = demandOf(nothing)
    const body = readerStream(demand, { start: 0, end: size }, async () => demandOf(nothing))
    await vi.advanceTimersByTimeAsync(3100)
    expect(demand.released).toBe(true)
    await body.cancel()
  })

  test('keeps its demand while it waits for bytes itself', async () => {
    const demand = demandOf(nothing)
    demand.until = () => new Promise(() => undefined)
    const reader = readerStream(demand, { start: 0, end: size }, async () => demand).getReader()
    void reader.read()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(demand.released).toBe(false)
  })

  test('fails when bytes that it delivered turn out wrong meanwhile', async () => {
    const wrong = new FerryError('integrity', 'Recalled.')
    const again = async (): Promise<DownloadReader> => demandOf(nothing, wrong)
    const reader = readerStream(demandOf(nothing), { start: 0, end: size }, again).getReader()
    await reader.read()
    await vi.advanceTimersByTimeAsync(4000)
    await expect(reader.read()).rejects.toBe(wrong)
  })
})

describe('heldBody', () => {
  const bytes = new Uint8Array(9 * 2 ** 20).map((_, at) => at % 251)

  /** Tracks whether the hold of a body is still open. */
  function holder(): { hold: (reading: Promise<void>) => void; open: () => boolean } {
    let open = false
    const hold = (reading: Promise<void>): void => {
      open = true
      void reading.then(() => (open = false))
    }
    return { hold, open: () => open }
  }

  test.each([0, 1, 4 * 2 ** 20, bytes.length])(
    'a file of %i bytes is held until it was read',
    async (size) => {
      const { hold, open } = holder()
      const body = heldBody(new Blob([bytes.subarray(0, size)]), hold)
      expect(open()).toBe(true)
      const read = new Uint8Array(await new Response(body).arrayBuffer())
      expect(Buffer.compare(read, bytes.subarray(0, size))).toBe(0)
      expect(open()).toBe(false)
    },
  )

  test('a fed body that fails ends the hold, and fails for the reader', async () => {
    const { hold, open } = holder()
    const fed = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: () => Promise.reject(new Error('cut')),
    })
    await expect(new Response(heldBody(fed, hold)).arrayBuffer()).rejects.toThrow('cut')
    expect(open()).toBe(false)
  })

  test('a body that is cancelled while it waits for bytes ends the hold at once', async () => {
    const { hold, open } = holder()
    const cancel = vi.fn()
    const waiting = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: () => new Promise(() => undefined),
      cancel,
    })
    const reader = heldBody(waiting, hold).getReader()
    const read = reader.read()
    await reader.cancel('enough')
    expect((await read).done).toBe(true)
    expect(cancel).toHaveBeenCalledWith('enough')
    expect(open()).toBe(false)
  })
})
