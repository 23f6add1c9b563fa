import { expect, test } from 'vitest'
import { publicGrant } from '../auth/client.ts'
import { Session } from './session.ts'
import type { SessionParts } from './session.ts'

const url = 'https://hub.example/me/model/resolve/main/model.onnx'
const origins = ['https://hub.example']

/** A device and a page on it; what the page says may be changed at any time. */
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

function said(value: string | Error | undefined): string | undefined {
  if (value instanceof Error) throw value
  return value
}

test('with a name, a user is the same by any token, and no token is asked for until the hub is', async () => {
  const place = new Place()
  const session = place.session()
  const asker = await session.asker(url)
  expect(place.tokens).toBe(0)
  expect(await asker.authorization()).toBe('Bearer hf_ann')
  place.token = 'hf_rotated'
  const again = await session.asker(url)
  expect(again.grant).toBe(asker.grant)
  expect(await again.authorization()).toBe('Bearer hf_rotated')
  const renewed = await again.renewed('Bearer hf_rotated')
  expect(renewed?.grant).toBe(asker.grant)
  expect(await renewed?.authorization()).toBe('Bearer hf_new')
  expect(await again.renewed('Bearer hf_new')).toBeUndefined()
  expect(place.grants).toEqual([asker.grant])
  expect(asker.grant).toMatch(/^[0-9a-f]{32}$/)
})

test('without a name, every token is somebody else', async () => {
  const place = new Place()
  const session = place.session({ named: false })
  const asker = await session.asker(url)
  const renewed = await asker.renewed('Bearer hf_ann')
  expect(renewed?.grant).not.toBe(asker.grant)
  expect(place.grants).toEqual([asker.grant, renewed?.grant])
  expect((await place.session({ named: false, app: '/b/' }).asker(url)).grant).not.toBe(asker.grant)
})

test('elsewhere, and with nobody signed in, nobody in particular asks', async () => {
  const place = new Place()
  const session = place.session()
  const elsewhere = await session.asker('https://other.example/model.onnx')
  expect([elsewhere.grant, await elsewhere.authorization()]).toEqual([publicGrant, undefined])
  expect(place.grants).toEqual([])
  place.partition = ''
  expect((await session.asker(url)).grant).toBe(publicGrant)
  expect(await session.authorize(url)).toBeUndefined()
  expect(place.tokens).toBe(0)
})

test.each(['a name', 'no name'])('a sign-out takes the grants, with %s', async (how) => {
  const place = new Place()
  const session = place.session({ named: how === 'a name' })
  const asker = await session.asker(url)
  expect(await asker.isCurrent()).toBe(true)
  await session.end()
  expect(place.grants).toEqual([])
  expect(await asker.isCurrent()).toBe(false)
  expect(place.grants).toEqual([])
})

test.each([undefined, 'ben'])('the page names %s: who was there before goes', async (name) => {
  const place = new Place()
  const session = place.session()
  const ann = await session.asker(url)
  const other = await place.session({ app: '/b/' }).asker(url)
  place.partition = name
  expect(await ann.isCurrent()).toBe(false)
  const next = await session.asker(url)
  expect(place.grants).toEqual(name === undefined ? [] : [next.grant])
  expect(next.grant).not.toBe(ann.grant)
  expect(place.sessions.get('/b/')).toEqual([other.grant])
})

test('a sign-out before a reload is noticed without any file', async () => {
  const place = new Place()
  await place.session().asker(url)
  place.partition = undefined
  await place.session().look()
  expect(place.grants).toEqual([])
})

test('no token, or a page that cannot say, takes nothing back', async () => {
  const place = new Place()
  const named = place.session()
  const unnamed = place.session({ named: false, app: '/b/' })
  const before = [await named.asker(url), await unnamed.asker(url)]
  const kept = [...place.sessions]
  place.token = undefined
  expect((await unnamed.asker(url)).grant).toBe(publicGrant)
  place.token = new Error('offline')
  const unknown = await unnamed.asker(url)
  expect(unknown.grant).toBe(publicGrant)
  await expect(unknown.authorization()).rejects.toMatchObject({ code: 'network', retryable: true })
  await expect(unnamed.authorize(url)).rejects.toMatchObject({ code: 'network' })
  // Who it is can be said without a token: what is on the device is still theirs.
  expect((await named.asker(url)).grant).toBe(before[0]?.grant)
  await expect((await named.asker(url)).authorization()).rejects.toMatchObject({ code: 'network' })
  place.partition = new Error('offline')
  const nobody = await named.asker(url)
  expect(nobody.grant).toBe(publicGrant)
  await expect(nobody.authorization()).rejects.toMatchObject({ code: 'network' })
  expect([...place.sessions]).toEqual(kept)
})
