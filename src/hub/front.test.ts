import { expect, test } from 'vitest'
import type { HubCaller } from './hub.ts'
import type { HubFront } from './hub.ts'
import { putModel } from './testing/putModel.ts'
import { startTestHub } from './testing/startTestHub.ts'

const file = '/me/vad/resolve/main/model.onnx'
const tokenPath = '/api/models/me/vad/xet-read-token/main'

/** A front that takes everybody for `caller`, unless the request's own CAS token says who asks. */
function frontOf(caller: () => HubCaller | undefined, seen: (string | null)[] = []): HubFront {
  return (serve, hub) => (request, from) => {
    seen.push(hub.carried(request) ?? from.peer)
    return serve(request, caller())
  }
}

test('what a front has found out counts instead of the token', async () => {
  let caller: HubCaller | undefined
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
  caller = undefined
  expect(await status('Bearer unknown-here')).toBe(401)
})

test('what a front gives to carry comes back with the CAS token, and with nothing else', async () => {
  const seen: (string | null)[] = []
  let caller: HubCaller | undefined
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
