import { get } from 'node:http'
import { describe, expect, test } from 'vitest'
import type { HubCaller } from './hub.ts'
import type { HubFront } from './hub.ts'
import { putModel } from './testing/putModel.ts'
import { startTestHub } from './testing/startTestHub.ts'
import type { TestHub } from './testing/TestHub.ts'

const file = '/me/vad/resolve/main/model.onnx'
const tokenPath = '/api/models/me/vad/xet-read-token/main'

/** A front that identifies all requests as `caller`, unless their CAS token carries another caller. */
function frontOf(caller: () => HubCaller | undefined, seen: (string | null)[] = []): HubFront {
  return (serve, hub) => (request, from) => {
    seen.push(hub.carried(request) ?? from.peer)
    return serve(request, caller())
  }
}

test('the caller from the front counts instead of the token', async () => {
  let caller: HubCaller | undefined = { rights: { write: ['me/vad'] } }
  const hub = await startTestHub({ front: frontOf(() => caller) })
  await putModel(hub)
  hub.hub.gated.add('me/vad')
  const status = async (authorization: string): Promise<number> => {
    const response = await hub.get(file, { headers: { authorization } })
    await response.arrayBuffer()
    return response.status
  }
  caller = { rights: null }
  expect(await status('Bearer hf_tester')).toBe(401)
  caller = { rights: { read: ['me/other'] } }
  expect(await status('Bearer hf_tester')).toBe(403)
  caller = { rights: { read: ['me/vad'] } }
  expect(await status('Bearer unknown-here')).toBe(302)
  for (const nothing of [undefined, {}, { carry: 'u1' }]) {
    caller = nothing
    expect(await status('Bearer hf_tester')).toBe(401)
  }
})

test('a credential that gives no rights does not tell private repositories from absent ones', async () => {
  let caller: HubCaller = { rights: { write: ['*'] } }
  const hub = await startTestHub({ front: frontOf(() => caller) })
  await putModel(hub)
  hub.hub.private.add('me/vad')
  // A stranger with another scheme, and the holder of a token that came in the query.
  for (const [rights, headers, status] of [
    [null, { authorization: 'Basic abc' }, 401],
    [{ read: ['me/other'] }, {}, 404],
  ] as const) {
    caller = { rights }
    for (const name of ['me/vad', 'me/absent']) {
      const { status: given } = await hub.get(`/api/models/${name}`, { headers })
      expect([name, given]).toEqual([name, status])
    }
  }
})

describe('a repository that is named without an owner', () => {
  const create = '/api/repos/create'
  const commit = { key: 'file', value: { path: 'a', content: 'x' } }

  test('is that of the account of the token, which is called as the front says', async () => {
    let caller: HubCaller = { rights: { write: ['*'] }, subject: 'alice' }
    const hub = await startTestHub({ front: frontOf(() => caller) })
    const secret = { name: 'vad', private: true }
    expect((await hub.call('POST', create, secret)).body).toMatchObject({ id: 'alice/vad' })
    expect((await hub.call('GET', '/api/whoami-v2')).body).toMatchObject({ name: 'alice' })
    // What follows goes to the same private repository, not to a new public one.
    expect((await hub.call('POST', '/api/models/vad/commit/main', commit)).status).toBe(200)
    expect(await (await hub.get('/vad/raw/main/a')).text()).toBe('x')
    expect((await hub.call('GET', '/api/models/vad')).body).toMatchObject({ id: 'alice/vad' })
    caller = { rights: null }
    for (const name of ['vad', 'alice/vad']) {
      expect((await hub.get(`/${name}/raw/main/a`)).status).toBe(401)
    }
    caller = { rights: { write: ['*'] }, subject: 'github:7' }
    expect((await hub.call('GET', '/api/models/vad')).status).toBe(404)
    const made = await hub.call('POST', create, { name: 'other' })
    expect(made.body).toMatchObject({ id: 'token-holder/other' })
    const away = await hub.call('DELETE', '/api/repos/delete', { name: 'other' })
    expect(away.status).toBe(200)
  })

  test('is the one without an owner if it exists, or is named by the operator or a right', async () => {
    let caller: HubCaller = { rights: { write: ['*'] }, subject: 'alice' }
    const hub = await startTestHub({ front: frontOf(() => caller), private: ['secret'] })
    expect((await hub.call('POST', '/api/models/old/commit/main', commit)).status).toBe(200)
    expect((await hub.call('POST', create, { name: 'old' })).status).toBe(409)
    expect((await hub.call('POST', create, { name: 'secret' })).body).toMatchObject({
      id: 'secret',
    })
    caller = { rights: { write: ['mine'] }, subject: 'alice' }
    expect((await hub.call('POST', create, { name: 'mine' })).body).toMatchObject({ id: 'mine' })
    expect((await hub.call('POST', create, { name: 'else' })).status).toBe(403)
  })
})

test('the carried text of a front is returned for the CAS token only', async () => {
  const seen: (string | null)[] = []
  let caller: HubCaller | undefined = { rights: { write: ['*'] } }
  const hub = await startTestHub({ front: frontOf(() => caller, seen) })
  await putModel(hub)
  const tokenOf = async (): Promise<string> => {
    const response = await hub.get(tokenPath)
    expect(response.status).toBe(200)
    return ((await response.json()) as { accessToken: string }).accessToken
  }
  const ask = async (authorization: string): Promise<void> => {
    const path = `/v2/reconstructions/${'0'.repeat(64)}`
    await (await hub.get(path, { headers: { authorization } })).arrayBuffer()
  }
  caller = { rights: null, carry: 'u1, seed' }
  const carrying = await tokenOf()
  caller = { rights: null }
  const plain = await tokenOf()
  seen.length = 0
  await ask(`Bearer ${carrying}`)
  await ask(`Bearer ${plain}`)
  await ask(`Bearer ${carrying.slice(0, -1)}`)
  await ask('Basic x')
  expect(seen).toEqual(['u1, seed', '127.0.0.1', '127.0.0.1', '127.0.0.1'])
})

describe('presigned URLs behind a proxy', () => {
  const locationOf = async (hub: TestHub, host?: string): Promise<URL> => {
    const { port } = new URL(hub.url)
    const answer = await new Promise<string | undefined>((resolve, reject) => {
      get({ port, host: '127.0.0.1', path: file, headers: host ? { host } : {} }, (response) => {
        response.resume()
        resolve(response.headers.location)
      }).on('error', reject)
    })
    return new URL(answer!)
  }
  /** Fetches a presigned URL as a proxy does that forwards everything to one port. */
  const throughMain = async (hub: TestHub, { host, pathname, search }: URL): Promise<number> => {
    const { port } = new URL(hub.url)
    return await new Promise((resolve, reject) => {
      const path = pathname + search
      get({ port, host: '127.0.0.1', path, headers: { host } }, (response) => {
        response.resume()
        resolve(response.statusCode!)
      }).on('error', reject)
    })
  }

  test('use the storage port for direct requests, and the public name for forwarded ones', async () => {
    const hub = await startTestHub()
    await putModel(hub)
    const direct = await locationOf(hub)
    expect(direct.origin).toBe(hub.storageUrl)
    const forwarded = await locationOf(hub, 'models.example')
    expect(forwarded.origin).toBe('http://models.example')
    expect(await throughMain(hub, forwarded)).toBe(200)
    forwarded.searchParams.set('Expires', '9999999999')
    expect(await throughMain(hub, forwarded)).toBe(403)
  })

  test('use `storageUrl`, else `url`, for any host name of a request', async () => {
    const hub = await startTestHub()
    await putModel(hub)
    await hub.close()
    const { folder } = hub
    const port = Number(new URL(hub.url).port)
    const one = await startTestHub({ folder, port, url: 'https://models.example' })
    expect(one.storageUrl).toBe('https://models.example')
    const location = await locationOf(hub, '127.0.0.1:1')
    expect(location.origin).toBe('https://models.example')
    expect(await throughMain(hub, location)).toBe(200)
    await one.close()
    await startTestHub({
      folder,
      port,
      url: 'https://models.example',
      storageUrl: 'https://bytes.example',
    })
    expect((await locationOf(hub)).origin).toBe('https://bytes.example')
  })

  test('are served on the main port, without passing the front', async () => {
    const seen: (string | null)[] = []
    const hub = await startTestHub({ front: frontOf(() => ({ rights: { write: ['*'] } }), seen) })
    await putModel(hub)
    const location = await locationOf(hub)
    seen.length = 0
    expect(await throughMain(hub, location)).toBe(200)
    expect(seen).toEqual([])
  })
})

test('behind a front, an unknown token with the right prefix changes nothing, in every mode of the front', async () => {
  const hub = await startTestHub({ front: (serve) => (request) => serve(request, { carry: 'u1' }) })
  for (const path of ['/api/repos/create', '/api/models/me/vad/commit/main']) {
    const response = await hub.get(path, {
      method: 'POST',
      headers: { authorization: 'Bearer hf_x' },
      body: JSON.stringify({ name: 'vad', organization: 'me' }),
    })
    expect([path, response.status]).toEqual([path, 401])
  }
})
