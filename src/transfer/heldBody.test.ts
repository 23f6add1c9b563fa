import { expect, test, vi } from 'vitest'
import { heldBody } from './response-body.ts'

const bytes = new Uint8Array(9 * 2 ** 20).map((_, at) => at % 251)

/** Whether what a body holds open is open still. */
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

test('a fed body that fails is over, and fails alike', async () => {
  const { hold, open } = holder()
  const fed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: () => Promise.reject(new Error('cut')),
  })
  await expect(new Response(heldBody(fed, hold)).arrayBuffer()).rejects.toThrow('cut')
  expect(open()).toBe(false)
})

test('a body that is given up while it waits for bytes is over at once', async () => {
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
