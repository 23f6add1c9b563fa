import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request, Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { type HttpServer, listen, sendAnswer } from './http-server.ts'

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

test('a client whose body was refused is told not to use the connection again', async () => {
  const handler = async (request: Request): Promise<Response> =>
    request.method === 'POST'
      ? new Response('refused', { status: 400, headers: { 'content-length': '7' } })
      : new Response('whole', { status: 200 })
  const running = await listen(handler, { port: 0, host: '127.0.0.1', idleMs: 5000 })
  onTestFinished(() => running.close())
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  const ask = async (method: string, body?: Uint8Array): Promise<IncomingMessage> => {
    const sent = request({ port: running.port, host: '127.0.0.1', agent, method })
    // The server ends the connection, perhaps before the whole body is sent.
    sent.on('error', () => undefined)
    sent.end(body)
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    answer.resume().on('error', () => undefined)
    return answer
  }
  const refused = await ask('POST', new Uint8Array(20_000_000))
  expect([refused.statusCode, refused.headers.connection]).toEqual([400, 'close'])
  await once(refused, 'close')
  const next = await ask('GET')
  expect([next.statusCode, next.headers.connection]).toEqual([200, 'keep-alive'])
})

test('the head does not wait for a body that is slow', async () => {
  let stream: ReadableStreamDefaultController | undefined
  const body = new ReadableStream({ start: (controller) => void (stream = controller) })
  const url = await serve(() => new Response(body))
  const response = await fetch(url)
  stream?.close()
  expect(await response.text()).toBe('')
})

test.each([
  [0, 'GET'],
  [3, 'GET'],
  [0, 'POST'],
  [3, 'POST'],
])('a body that fails after %i parts breaks the connection of a %s', async (parts, method) => {
  let left = parts
  const body = (): ReadableStream =>
    new ReadableStream({
      pull(stream) {
        if (left-- > 0) stream.enqueue(new Uint8Array(8))
        else stream.error(new Error('s3cret path'))
      },
    })
  const url = await serve(() => new Response(body()))
  // The server ends the connection after this body. If it said so, undici would take that for the end of the response.
  const sent = method === 'POST' ? { method, body: new Uint8Array(5_000_000) } : {}
  await expect(fetch(url, sent).then((response) => response.text())).rejects.toThrow(
    /fetch failed|terminated/,
  )
})

test('the body is read only as fast as the client reads, and not after it disconnects', async () => {
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

/** A listening server with the given handler. */
async function start(
  handler: (request: Request) => Promise<Response>,
  idleMs = 60_000,
): Promise<HttpServer> {
  const started = await listen(handler, { port: 0, host: '127.0.0.1', idleMs })
  onTestFinished(() => started.close())
  return started
}

/** Sends text over a connection, and returns the whole response. */
function exchange(port: number, ...texts: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      for (const text of texts) socket.write(text)
    })
    let answer = ''
    socket.setEncoding('utf8')
    socket.on('data', (part) => void (answer += part.toString()))
    socket.on('end', () => resolve(answer))
    socket.on('error', reject)
  })
}

const echo = async (request: Request): Promise<Response> =>
  new Response(String((await request.arrayBuffer()).byteLength))

describe('a request', () => {
  test.each([
    ['two Host headers', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400, 'one Host header'],
    ['no Host header', 'GET / HTTP/1.1\r\n\r\n', 400, ''],
    ['HTTP/2.0', 'GET / HTTP/2.0\r\nHost: a\r\n\r\n', 505, 'Use HTTP/1.1'],
    ['HTTP/3.0', 'GET / HTTP/3.0\r\nHost: a\r\n\r\n', 400, ''],
  ])('with %s is refused before the handler sees it', async (_, text, status, why) => {
    const handler = vi.fn<() => Promise<Response>>(async () => new Response())
    const { port } = await start(handler)
    const answer = await exchange(port, text)
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(answer).toContain(why)
    expect(handler).not.toHaveBeenCalled()
  })
})

describe('an upload', () => {
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\nConnection: close\r\n\r\n'

  test('has no time limit while bytes arrive', async () => {
    const { port } = await start(echo, 200)
    const answer = new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => send(0))
      const send = (sent: number): void => {
        socket.write(sent === 0 ? head : 'x')
        if (sent < 20) setTimeout(send, 50, sent + 1)
      }
      socket.on('data', (part) => resolve(String(part)))
    })
    expect(await answer).toMatch(/^HTTP\/1.1 200 [^]*\r\n20\r\n/)
  })

  test('that stalls is refused with 408, and its body errors for the handler', async () => {
    const failed = vi.fn<(error: unknown) => Response>(() => new Response())
    const { port } = await start((request) => echo(request).catch(failed), 200)
    const answer = await exchange(port, head, 'half of it')
    expect(answer).toMatch(/^HTTP\/1.1 408 [^]*The upload stalled for too long\./)
    await vi.waitFor(() => expect(failed).toHaveBeenCalledOnce())
  })

  test('that the handler has not read yet does not count as stalled', async () => {
    const { port } = await start(async (request) => {
      await new Promise((resolve) => setTimeout(resolve, 600))
      return await echo(request)
    }, 200)
    expect(await exchange(port, head, 'x'.repeat(20))).toMatch(/^HTTP\/1.1 200 /)
  })

  test('has no limit on its whole time in the server of Node either', async () => {
    const timeouts = vi.spyOn(Server.prototype, 'listen')
    onTestFinished(() => timeouts.mockRestore())
    await start(echo)
    expect(timeouts.mock.contexts[0]).toMatchObject({ requestTimeout: 0, headersTimeout: 60_000 })
  })
})

describe('a download', () => {
  const endless = (cancel: () => void): Response => {
    const part = new Uint8Array(1 << 20)
    return new Response(new ReadableStream({ pull: (stream) => stream.enqueue(part), cancel }))
  }

  test('of which the client takes nothing for too long is ended', async () => {
    const cancel = vi.fn<() => void>()
    const { port } = await start(async () => endless(cancel), 40)
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    onTestFinished(() => void socket.destroy())
    socket.pause()
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await vi.waitFor(() => expect(cancel).toHaveBeenCalledOnce(), 5000)
  })

  test('has no time limit while the client takes bytes', async () => {
    const cancel = vi.fn<() => void>()
    const { port } = await start(async () => endless(cancel), 40)
    const response = await fetch(`http://127.0.0.1:${port}`)
    const reader = response.body!.getReader()
    const until = performance.now() + 500
    while (performance.now() < until) {
      expect((await reader.read()).done).toBe(false)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(cancel).not.toHaveBeenCalled()
    await reader.cancel()
  })
})

describe('draining', () => {
  test('lets running requests finish, and answers later ones on open connections with 503', async () => {
    let finish: (() => void) | undefined
    const running = new Promise<void>((resolve) => (finish = resolve))
    let arrived = 0
    const started = await start(async (request) => {
      arrived++
      if (request.url.endsWith('/slow')) await running
      return new Response('whole')
    })
    const url = `http://127.0.0.1:${started.port}`
    const slow = fetch(`${url}/slow`)
    const open = connect(started.port, '127.0.0.1')
    await once(open, 'connect')
    await vi.waitFor(() => expect(arrived).toBe(1))
    const drained = started.drain(5000)
    await expect(fetch(`${url}/new`)).rejects.toThrow('fetch failed')
    open.write('GET /later HTTP/1.1\r\nHost: a\r\n\r\n')
    const [refusal] = (await once(open, 'data')) as [Buffer]
    expect(String(refusal)).toMatch(/^HTTP\/1.1 503 [^]*retry-after: 5\r\n/)
    finish?.()
    expect(await (await slow).text()).toBe('whole')
    expect(await drained).toBe(0)
    expect(arrived).toBe(1)
  })

  test('aborts unfinished requests at the time limit, and returns their number', async () => {
    const handler = vi.fn<() => Promise<Response>>(() => new Promise(() => undefined))
    const started = await start(handler)
    const asked = fetch(`http://127.0.0.1:${started.port}/`).catch((error: unknown) => error)
    await vi.waitFor(() => expect(handler).toHaveBeenCalledOnce())
    expect(await started.drain(50)).toBe(1)
    expect(await asked).toBeInstanceOf(TypeError)
  })
})
