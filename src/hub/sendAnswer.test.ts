import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { sendAnswer } from './listen.ts'

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

async function serve(answer: () => Response): Promise<string> {
  const listening = createServer((_, outgoing) => void sendAnswer(answer(), outgoing))
  server = listening
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}/`
}

test('status, all headers and the body arrive', async () => {
  const headers = new Headers({ 'content-type': 'text/x' })
  headers.append('set-cookie', 'a=1')
  headers.append('set-cookie', 'b=2')
  const url = await serve(() => new Response('hello', { status: 201, headers }))
  const response = await fetch(url)
  expect(response.status).toBe(201)
  expect(response.headers.get('content-type')).toBe('text/x')
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  expect(await response.text()).toBe('hello')
})

test('an answer without a body, and one to HEAD, end at once', async () => {
  const url = await serve(() => new Response(null, { status: 204 }))
  expect((await fetch(url)).status).toBe(204)
  expect((await fetch(url, { method: 'HEAD' })).status).toBe(204)
})

test('the head does not wait for a body that is slow', async () => {
  let stream: ReadableStreamDefaultController | undefined
  const body = new ReadableStream({ start: (controller) => void (stream = controller) })
  const url = await serve(() => new Response(body))
  const response = await fetch(url)
  stream?.close()
  expect(await response.text()).toBe('')
})

test.each([0, 3])('a body that fails after %i parts breaks the connection', async (parts) => {
  let left = parts
  const body = (): ReadableStream =>
    new ReadableStream({
      pull(stream) {
        if (left-- > 0) stream.enqueue(new Uint8Array(8))
        else stream.error(new Error('s3cret path'))
      },
    })
  const url = await serve(() => new Response(body()))
  await expect(fetch(url).then((response) => response.text())).rejects.toThrow(
    /fetch failed|terminated/,
  )
})

test('nothing is read that the client does not take, and nothing more when it is gone', async () => {
  let read = 0
  const cancel = vi.fn<() => void>()
  const part = new Uint8Array(1 << 20)
  const url = await serve(
    () =>
      new Response(
        new ReadableStream({
          pull(stream) {
            read++
            stream.enqueue(part)
          },
          cancel,
        }),
      ),
  )
  const leaving = new AbortController()
  const response = await fetch(url, { signal: leaving.signal })
  const reader = response.body!.getReader()
  await reader.read()
  await new Promise((resolve) => setTimeout(resolve, 100))
  const before = read
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(read).toBe(before)
  expect(cancel).not.toHaveBeenCalled()
  leaving.abort()
  await vi.waitFor(() => expect(cancel).toHaveBeenCalledOnce())
  await reader.read().catch(() => undefined)
})
