import { expect, test, describe } from 'vitest'
import { publicGrant } from '../address/index.ts'
import { authorizationFor } from './identity.ts'
import { PageToken, Session, type SessionParts, sessionAfter, withIdentity } from './session.ts'

function said(value: string | Error | undefined): string | undefined {
  if (value instanceof Error) throw value
  return value
}

describe('PageToken', () => {
  const origins = ['https://hub.example']

  test('concurrent callers share one request to the page', async () => {
    const asked: boolean[] = []
    let current = 'first'
    const token = new PageToken(async (refused) => {
      asked.push(refused)
      return current
    }, origins)
    expect(await token.token()).toBe('first')
    current = 'second'
    const renewed = await Promise.all([1, 2, 3].map(() => token.token('first')))
    expect(renewed).toEqual(['second', 'second', 'second'])
    expect(asked).toEqual([false, true])
    // A caller that learns of the refusal later gets the current token.
    expect(await token.token('first')).toBe('second')
    expect(asked).toHaveLength(2)
  })

  test('the same token when the page has no other', async () => {
    const token = new PageToken(async () => 'only', origins)
    await token.token()
    expect(await token.token('only')).toBe('only')
  })

  test('a foreign token causes no request to the page', async () => {
    const asked: boolean[] = []
    const token = new PageToken(async (refused) => (asked.push(refused), 'mine'), origins)
    await token.token()
    const url = 'https://hub.example/x'
    expect(await authorizationFor(url, token, 'Bearer theirs')).toBeUndefined()
    expect(await authorizationFor(url, token, 'Basic mine')).toBeUndefined()
    expect(await authorizationFor('https://cas.example/x', token, 'Bearer mine')).toBeUndefined()
    expect(asked).toEqual([false])
    expect(await authorizationFor(url, token, 'Bearer mine')).toBe('Bearer mine')
  })

  test('an error of the provider rejects its callers, and the next call tries again', async () => {
    let fail = false
    const token = new PageToken(async () => {
      if (fail) throw new Error('signed out')
      return 'mine'
    }, origins)
    await token.token()
    fail = true
    await expect(token.token('mine')).rejects.toThrow('signed out')
    fail = false
    expect(await token.token('mine')).toBe('mine')
  })
})

describe('Session', () => {
  const url = 'https://hub.example/me/model/resolve/main/model.onnx'
  const origins = ['https://hub.example']

  /** A device with a page, whose answers can be changed at any time. */
  class Place {
    readonly sessions: Map<string, readonly string[]> = new Map()
    token: string | Error | undefined = 'hf_ann'
    partition: string | Error | undefined = 'ann'
    tokens = 0

    session({ app = '/', named = true }: { app?: string; named?: boolean } = {}): Session {
      const store: SessionParts['store'] = {
        session: async (of) => this.sessions.get(of) ?? [],
        changeSession: async (of, change) => {
          this.sessions.set(of, change(this.sessions.get(of) ?? []))
        },
      }
      const token = async (refused?: string): Promise<string | undefined> => {
        this.tokens += 1
        return refused === undefined ? said(this.token) : 'hf_new'
      }
      const partition = named ? async () => said(this.partition) : undefined
      return new Session({ store, app, token: { origins, token }, partition })
    }

    get grants(): readonly string[] {
      return this.sessions.get('/') ?? []
    }
  }

  test('with a name, a user is the same with any token, and no token is requested before a request to the hub', async () => {
    const place = new Place()
    const session = place.session()
    const principal = await session.principal(url)
    expect(place.tokens).toBe(0)
    expect(await principal.authorization()).toBe('Bearer hf_ann')
    place.token = 'hf_rotated'
    const again = await session.principal(url)
    expect(again.grant).toBe(principal.grant)
    expect(await again.authorization()).toBe('Bearer hf_rotated')
    const renewed = await again.renewed('Bearer hf_rotated')
    expect(renewed?.grant).toBe(principal.grant)
    expect(await renewed?.authorization()).toBe('Bearer hf_new')
    expect(await again.renewed('Bearer hf_new')).toBeUndefined()
    expect(place.grants).toEqual([principal.grant])
    expect(principal.grant).toMatch(/^[0-9a-f]{32}$/)
  })

  test('without a name, every token is another user', async () => {
    const place = new Place()
    const session = place.session({ named: false })
    const principal = await session.principal(url)
    const renewed = await principal.renewed('Bearer hf_ann')
    expect(renewed?.grant).not.toBe(principal.grant)
    expect(place.grants).toEqual([principal.grant, renewed?.grant])
    expect((await place.session({ named: false, app: '/b/' }).principal(url)).grant).not.toBe(
      principal.grant,
    )
  })

  test('for other origins, and without a signed-in user, the principal is public', async () => {
    const place = new Place()
    const session = place.session()
    const elsewhere = await session.principal('https://other.example/model.onnx')
    expect([elsewhere.grant, await elsewhere.authorization()]).toEqual([publicGrant, undefined])
    expect(place.grants).toEqual([])
    place.partition = ''
    expect((await session.principal(url)).grant).toBe(publicGrant)
    expect(await session.authorize(url)).toBeUndefined()
    expect(place.tokens).toBe(0)
  })

  test.each(['a name', 'no name'])('a sign-out deletes the grants, with %s', async (how) => {
    const place = new Place()
    const session = place.session({ named: how === 'a name' })
    const principal = await session.principal(url)
    expect(await principal.isCurrent()).toBe(true)
    await session.end()
    expect(place.grants).toEqual([])
    expect(await principal.isCurrent()).toBe(false)
    expect(place.grants).toEqual([])
  })

  test.each([undefined, 'ben'])(
    'when the page names %s, the previous user loses the grants',
    async (name) => {
      const place = new Place()
      const session = place.session()
      const ann = await session.principal(url)
      const other = await place.session({ app: '/b/' }).principal(url)
      place.partition = name
      expect(await ann.isCurrent()).toBe(false)
      const next = await session.principal(url)
      expect(place.grants).toEqual(name === undefined ? [] : [next.grant])
      expect(next.grant).not.toBe(ann.grant)
      expect(place.sessions.get('/b/')).toEqual([other.grant])
    },
  )

  test('a sign-out before a reload is detected without a file request', async () => {
    const place = new Place()
    await place.session().principal(url)
    place.partition = undefined
    await place.session().look()
    expect(place.grants).toEqual([])
  })

  test('a missing token, or a page without an answer, deletes no grants', async () => {
    const place = new Place()
    const named = place.session()
    const unnamed = place.session({ named: false, app: '/b/' })
    const before = [await named.principal(url), await unnamed.principal(url)]
    const kept = [...place.sessions]
    place.token = undefined
    expect((await unnamed.principal(url)).grant).toBe(publicGrant)
    place.token = new Error('offline')
    const unknown = await unnamed.principal(url)
    expect(unknown.grant).toBe(publicGrant)
    await expect(unknown.authorization()).rejects.toMatchObject({
      code: 'network',
      retryable: true,
    })
    await expect(unnamed.authorize(url)).rejects.toMatchObject({ code: 'network' })
    // The user is known without a token, so stored files are still accessible.
    expect((await named.principal(url)).grant).toBe(before[0]?.grant)
    await expect((await named.principal(url)).authorization()).rejects.toMatchObject({
      code: 'network',
    })
    place.partition = new Error('offline')
    const anonymous = await named.principal(url)
    expect(anonymous.grant).toBe(publicGrant)
    await expect(anonymous.authorization()).rejects.toMatchObject({ code: 'network' })
    expect([...place.sessions]).toEqual(kept)
  })
})

describe('grants after a change of user', () => {
  test.each([
    ['the first user', [], 'ann', undefined, ['ann']],
    ['the same user after a reload', ['ann'], 'ann', undefined, ['ann']],
    ['the same user, with another tab', ['ben', 'ann'], 'ann', undefined, ['ben', 'ann']],
    ['another user after a reload', ['ann'], 'ben', undefined, ['ben']],
    ['another user in the same page', ['ann'], 'ben', 'ann', ['ben']],
    ['another user, also in another tab', ['ann', 'ben'], 'ben', 'ann', ['ben']],
    ['nothing new', ['ann'], 'ann', 'ann', ['ann']],
    ['the same user after another tab took over', ['ben'], 'ann', 'ann', ['ben', 'ann']],
    ['the same user after a sign-out', [], 'ann', 'ann', ['ann']],
  ] as const)('%s', (_, grants, grant, before, after) => {
    expect(sessionAfter(grants, grant, before)).toEqual(after)
  })

  test('without a change the same list is returned; of rotated tokens the oldest are removed', () => {
    const grants = ['1', '2', '3', '4', '5', '6', '7', '8']
    expect(sessionAfter(grants, '3', '3')).toBe(grants)
    expect(sessionAfter(grants, '9', '9')).toEqual(['2', '3', '4', '5', '6', '7', '8', '9'])
  })
})

describe('withIdentity', () => {
  const gateway = 'https://gateway.example'
  const page = 'https://app.example'
  const frontend = { app: 'my-app', origins: [gateway] }

  /** The sent requests, `method url app-id redirect referrer`; URLs with /hop redirect. */
  function sending(): {
    sent: string[]
    fetch: (url: string, init?: RequestInit) => Promise<Response>
  } {
    const sent: string[] = []
    const platform = async (url: string, init: RequestInit = {}): Promise<Response> => {
      const { method = 'GET', redirect = 'follow', referrer, referrerPolicy } = init
      const label = new Headers(init.headers).get('x-app-id') ?? '-'
      sent.push(
        [method, new URL(url).pathname, label, redirect, referrer ?? referrerPolicy].join(' '),
      )
      const response = new Response('well')
      const stopped = redirect === 'manual' && url.includes('/hop')
      return stopped
        ? Object.defineProperty(response, 'type', { value: 'opaqueredirect' })
        : response
    }
    return { sent, fetch: withIdentity(frontend, platform, page) }
  }

  test('the label goes to its configured origins only', async () => {
    const { sent, fetch } = sending()
    await fetch(`${gateway}/x`, { headers: { range: 'bytes=0-1' } })
    await fetch('https://storage.example/x')
    await fetch(`${page}/x`)
    expect(sent).toEqual([
      'GET /x my-app manual https://app.example/',
      'GET /x - follow no-referrer',
      'GET /x - follow ',
    ])
  })

  test('a redirect is followed without the label, and immediately the next time', async () => {
    const { sent, fetch } = sending()
    expect(await (await fetch(`${gateway}/hop`)).text()).toBe('well')
    await fetch(`${gateway}/hop`)
    expect(sent).toEqual([
      'GET /hop my-app manual https://app.example/',
      'GET /hop - follow no-referrer',
      'GET /hop - follow no-referrer',
    ])
  })

  test('a request that cannot be repeated, or must not follow redirects, is sent once', async () => {
    const { sent, fetch } = sending()
    await fetch(`${gateway}/hop`, { method: 'POST' })
    await fetch(`${gateway}/hop`, { redirect: 'error' })
    await fetch(`${gateway}/hop`, { redirect: 'manual' })
    expect(sent.map((line) => line.split(' ')[3])).toEqual(['follow', 'error', 'manual'])
  })
})
