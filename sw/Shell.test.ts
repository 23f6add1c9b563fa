import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Shell } from './Shell.ts'

const url = 'https://app.example/'

beforeEach(() => {
  vi.stubGlobal('registration', { scope: url })
  const kept = new Map<string, Response>()
  const cache = {
    match: async (request: Request | string) =>
      kept.get(typeof request === 'string' ? request : request.url)?.clone(),
    put: async (request: Request, response: Response) => void kept.set(request.url, response),
  }
  vi.stubGlobal('caches', { open: async () => cache })
})
afterEach(() => void vi.unstubAllGlobals())

/** What a page gets that was loaded once, when the server then answers so. */
async function second(answer: () => Response): Promise<Response> {
  const work: Promise<unknown>[] = []
  const first = Object.defineProperty(new Response('kept'), 'type', { value: 'basic' })
  const answers = [() => first, answer]
  const shell = new Shell(async () => (answers.shift() ?? answer)())
  await shell.answer(new Request(url), (storing) => void work.push(storing))
  await Promise.all(work)
  return await shell.answer(new Request(url), () => undefined)
}

test.each([200, 404, 401, 410])('a server that is there has the say: %i', async (status) => {
  expect((await second(() => new Response('new', { status }))).status).toBe(status)
})

test('a redirect goes on', async () => {
  const redirect = Object.defineProperties(new Response(null), {
    type: { value: 'opaqueredirect' },
    status: { value: 0 },
    ok: { value: false },
  })
  expect((await second(() => redirect)).type).toBe('opaqueredirect')
})

test.each([500, 502, 503])('a server that failed does not: %i', async (status) => {
  expect(await (await second(() => new Response('new', { status }))).text()).toBe('kept')
})

function offline(): Response {
  throw new TypeError('Failed to fetch')
}

test('without a network the kept file is given', async () => {
  expect(await (await second(offline)).text()).toBe('kept')
})
