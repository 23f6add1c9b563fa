import { expose } from 'comlink'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LoaderClient } from './loader-client.ts'

const url = 'https://app.example/modelferry-worker.js'
let client: LoaderClient
let fail: () => void
let pipe: MessageChannel
let answer: (value: string) => void

beforeEach(() => {
  pipe = new MessageChannel()
  const errors = new EventTarget()
  fail = () => void errors.dispatchEvent(new Event('error'))
  const worker = {
    postMessage: pipe.port1.postMessage.bind(pipe.port1),
    addEventListener: (type: string, listener: EventListener) =>
      (type === 'error' ? errors : pipe.port1).addEventListener(type, listener),
    removeEventListener: pipe.port1.removeEventListener.bind(pipe.port1),
    terminate: () => undefined,
  }
  pipe.port1.start()
  vi.stubGlobal('Worker', function made() {
    return worker
  })
  // A loader that ignores the cancellation of a call.
  expose(
    {
      fetch: () => new Promise<string>((resolve) => (answer = resolve)),
      usage: async () => 'usage',
      cancel: () => undefined,
    },
    pipe.port2,
  )
  client = new LoaderClient(url, 1000)
})

afterEach(() => {
  pipe.port1.close()
  pipe.port2.close()
  vi.unstubAllGlobals()
})

const request = {} as never

test('a call ends with its signal although the loader continues, and a late result is discarded', async () => {
  const abort = new AbortController()
  const late = vi.fn<(answer: unknown) => void>()
  const call = client.cancellable(abort.signal, (remote, id) => remote.fetch(id, request), late)
  await vi.waitFor(() => expect(answer).toBeDefined())
  abort.abort(new Error('enough'))
  await expect(call).rejects.toThrow('enough')
  expect(late).not.toHaveBeenCalled()
  answer('late')
  await vi.waitFor(() => expect(late).toHaveBeenCalledExactlyOnceWith('late'))
})

test('a failing worker rejects pending and later calls', async () => {
  const call = client.cancellable(undefined, (remote, id) => remote.fetch(id, request))
  await expect(client.call((remote) => remote.usage())).resolves.toBe('usage')
  fail()
  await expect(call).rejects.toMatchObject({ code: 'worker' })
  await expect(client.call((remote) => remote.usage())).rejects.toMatchObject({
    code: 'worker',
  })
})
