import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Shell, withoutPage } from './shell.ts'

const url = 'https://app.example/'
const ignore = (): void => undefined

const key = (
  request: Request | string,
  { ignoreSearch = false }: CacheQueryOptions = {},
): string => {
  const whole = typeof request === 'string' ? request : request.url
  return ignoreSearch ? (whole.split('?', 1)[0] ?? '') : whole
}

beforeEach(() => {
  vi.stubGlobal('registration', { scope: url })
  const kept = new Map<string, Response>()
  /** One response per URL; a response with Vary: Origin matches no request, as for a module script in Chromium. */
  const cache = {
    match: async (request: Request, options?: CacheQueryOptions) => {
      const found = kept.get(key(request, options))
      return found?.headers.has('vary') ? undefined : found?.clone()
    },
    matchAll: async (request: Request, options?: CacheQueryOptions) => {
      const found = kept.get(key(request, options))
      return found && options?.ignoreVary ? [found.clone()] : []
    },
    put: async (request: Request, response: Response) => void kept.set(key(request), response),
    delete: async (request: Request) => kept.delete(key(request)),
  }
  vi.stubGlobal('caches', { open: async () => cache })
})
afterEach(() => void vi.unstubAllGlobals())

function basic(
  text: string,
  more: Partial<Response> = {},
  headers: Record<string, string> = {},
): Response {
  const values = Object.entries({ type: 'basic', ...more })
  const properties = Object.fromEntries(values.map(([name, value]) => [name, { value }]))
  const response = Object.defineProperties(new Response(text, { headers }), properties)
  return Object.defineProperty(response, 'clone', { value: () => basic(text, more, headers) })
}

/** A navigation request, which Node cannot construct. */
function visitTo(address: string, destination = 'document'): Request {
  const values = { mode: { value: 'navigate' }, destination: { value: destination } }
  return Object.defineProperties(new Request(address), values)
}

/** The second response for a page that was loaded once, with this answer of the server. */
async function second(answer: () => Response): Promise<Response> {
  const work: Promise<unknown>[] = []
  const first = basic('kept')
  const answers = [() => first, answer]
  const shell = new Shell(async () => (answers.shift() ?? answer)())
  await shell.answer(new Request(url), (storing) => void work.push(storing))
  await Promise.all(work)
  return await shell.answer(new Request(url), ignore)
}

test.each([200, 404, 401, 410])(
  'the response of a reachable server is used: %i',
  async (status) => {
    expect((await second(() => new Response('new', { status }))).status).toBe(status)
  },
)

test('a redirect is returned', async () => {
  const redirect = Object.defineProperties(new Response(null), {
    type: { value: 'opaqueredirect' },
    status: { value: 0 },
    ok: { value: false },
  })
  expect((await second(() => redirect)).type).toBe('opaqueredirect')
})

test.each([500, 502, 503])(
  'the stored file replaces a failure of the server: %i',
  async (status) => {
    expect(await (await second(() => new Response('new', { status }))).text()).toBe('kept')
  },
)

function offline(): Response {
  throw new TypeError('Failed to fetch')
}

test('without a network the stored file is used', async () => {
  expect(await (await second(offline)).text()).toBe('kept')
})

describe('the fallback page of navigations', () => {
  const route = `${url}some/route`

  /** A shell with its stored page, and its response to `visit`. */
  async function visited(
    answer: () => Response,
    visit: Request = visitTo(route),
  ): Promise<{ given: Promise<Response>; asked: string[]; work: Promise<unknown>[] }> {
    const asked: string[] = []
    const work: Promise<unknown>[] = []
    const answers = [() => basic('app')]
    const shell = new Shell(async (input) => {
      asked.push(input instanceof Request ? input.url : String(input))
      return (answers.shift() ?? answer)()
    }, url)
    await shell.keep([url])
    asked.length = 0
    const given = shell.visit(visit, (each) => void work.push(each))
    await given.catch(() => undefined)
    return { given, asked, work }
  }

  test('it is used without a network', async () => {
    const { given } = await visited(offline)
    expect(await (await given).text()).toBe('app')
  })

  test.each([200, 404, 401, 410, 500, 503])(
    'it is not used when a server answers: %i',
    async (status) => {
      const { given } = await visited(() => new Response('server', { status }))
      expect(await given).toMatchObject({ status })
      expect(await (await given).text()).toBe('server')
    },
  )

  test.each<[what: string, visit: Request]>([
    ['a frame', visitTo(route, 'iframe')],
    ['a file', visitTo(`${url}report.pdf`)],
    ['data', new Request(route)],
    ['a form', Object.defineProperty(visitTo(route), 'method', { value: 'POST' })],
  ])('not for %s', async (_, visit) => {
    await expect((await visited(offline, visit)).given).rejects.toThrow('Failed to fetch')
  })

  test('without one the error is returned', async () => {
    const network = new Shell(async () => offline())
    await network.keep([url])
    const given = network.visit(visitTo(route), ignore)
    await expect(given).rejects.toThrow('Failed to fetch')
  })

  test('it is used for a shell URL that is not stored, too', async () => {
    await visited(offline)
    const shell = new Shell(async () => offline(), url)
    const given = await shell.answer(visitTo(`${url}docs/other`), ignore)
    expect(await given.text()).toBe('app')
  })

  test('it is the newest one, even when all navigations go to other URLs', async () => {
    const { asked, work } = await visited(() => basic('newer app'))
    await Promise.all(work)
    expect(asked).toEqual([route, url])
    const given = await new Shell(async () => offline(), url).visit(visitTo(route), ignore)
    expect(await given.text()).toBe('newer app')
  })

  test.each([302, 404])(
    'a navigation that was answered with %i does not update it',
    async (status) => {
      const { asked } = await visited(() => new Response('', { status }))
      expect(asked).toEqual([route])
    },
  )
})

test('a page from a redirect is returned without the redirect flag, which navigations refuse', async () => {
  const shell = new Shell(async () => basic('moved', { redirected: true }))
  await shell.keep([url])
  const given = await new Shell(async () => offline()).answer(visitTo(url), ignore)
  expect(given.redirected).toBe(false)
  expect(await given.text()).toBe('moved')
})

/** The offline response after one request with a network. */
async function offlineAfter(first: Request, answer: Response, then: Request): Promise<Response> {
  const work: Promise<unknown>[] = []
  const online = new Shell(async () => answer)
  await online.answer(first, (storing) => void work.push(storing))
  await Promise.all(work)
  return await new Shell(async () => offline()).answer(then, ignore)
}

describe('answers for one user or one request', () => {
  test.each(['no-store', 'private', 'private, max-age=60', 'max-age=0, No-Store'])(
    'an answer with Cache-Control: %s is not stored, and deletes an older one',
    async (control) => {
      const work: Promise<unknown>[] = []
      const secret = basic('secret', {}, { 'cache-control': control })
      const answers = [basic('public'), secret]
      const shell = new Shell(async () => answers.shift() ?? offline())
      for (const _ of [1, 2])
        await shell.answer(new Request(url), (storing) => void work.push(storing))
      await Promise.all(work)
      await expect(shell.answer(new Request(url), ignore)).rejects.toThrow('Failed to fetch')
      expect(await new Shell(async () => secret).keep([url])).toBe(0)
    },
  )

  test('a private response that an earlier release stored is not used', async () => {
    const cache = await caches.open('')
    await cache.put(new Request(url), basic('secret', {}, { 'cache-control': 'private' }))
    const shell = new Shell(async () => offline())
    await expect(shell.answer(new Request(url), ignore)).rejects.toThrow('Failed to fetch')
  })

  test('a navigation with a query, such as a one-time code, is not stored', async () => {
    const given = offlineAfter(visitTo(`${url}?code=once`), basic('signed in'), visitTo(url))
    await expect(given).rejects.toThrow('Failed to fetch')
  })

  test('offline, a navigation with a query gets the stored page of its path', async () => {
    const given = await offlineAfter(visitTo(url), basic('app'), visitTo(`${url}?code=once`))
    expect(await given.text()).toBe('app')
  })
})

describe('responses with Vary', () => {
  test.each(['Origin', 'origin, Accept-Encoding'])('Vary: %s is ignored', async (vary) => {
    const script = `${url}assets/app.js`
    const answer = basic('module', {}, { vary })
    const given = await offlineAfter(new Request(script), answer, new Request(script))
    expect(await given.text()).toBe('module')
  })

  test('Vary: Accept-Language is respected', async () => {
    const answer = basic('Moin', {}, { vary: 'Accept-Language, Origin' })
    const given = offlineAfter(new Request(url), answer, new Request(url))
    await expect(given).rejects.toThrow('Failed to fetch')
  })
})

describe('a web page in place of a model file', () => {
  const html = { headers: { 'content-type': 'text/html; charset=utf-8' } }

  test('a web page instead of a file becomes a 404', () => {
    expect(withoutPage(new Response('<html>', html)).status).toBe(404)
  })

  test.each([
    ['a file', new Response('{}', { headers: { 'content-type': 'application/json' } })],
    ['a file without a type', new Response(new Uint8Array(1))],
    ['an error page', new Response('<html>', { ...html, status: 500 })],
    ['an opaque answer', Response.error()],
    ['a page after a redirect', basic('<html>', { redirected: true }, html.headers)],
  ])('%s is unchanged', (_, response) => {
    expect(withoutPage(response)).toBe(response)
  })
})

test('a file that the policy leaves to the browser comes from the device where there is no network', async () => {
  const network = vi.fn<typeof fetch>(async () => basic('kept'))
  const shell = new Shell(network, undefined)
  const work: Promise<unknown>[] = []
  await shell.answer(new Request(`${url}app.js`), (each) => void work.push(each))
  await Promise.all(work)
  network.mockImplementation(async () => Response.redirect(`${url}app.js#modelferry`))
  vi.stubGlobal('navigator', { onLine: false })
  expect(await (await shell.answer(new Request(`${url}app.js`), ignore)).text()).toBe('kept')
  vi.stubGlobal('navigator', { onLine: true })
  expect((await shell.answer(new Request(`${url}app.js`), ignore)).status).toBe(302)
})
