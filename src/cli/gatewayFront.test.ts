import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { sha256Hex } from '../auth/digests.ts'
import { signRequest } from '../auth/service/signatures.ts'
import { createHub } from '../hub/create-hub.ts'
import { describeUnreadable, gatewayFront } from './serve.ts'

test('every introspection by a service is logged, without the token', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'modelferry-front-'))
  const key = { keyId: 'text-2026', secret: 'a secret of more than thirty-two bytes' }
  const token = 'hf_somebody'
  const listed = { sha256: sha256Hex(token), sub: 'u1', keyId: 'laptop' }
  const config = join(folder, 'gateway.json')
  await writeFile(config, JSON.stringify({ auth: { tokens: [listed] }, serviceKeys: [key] }))
  const lines: string[] = []
  const gateway = await gatewayFront(
    { config },
    { print: (line) => void lines.push(line), note: () => undefined },
  )
  const hub = await createHub({ folder: join(folder, 'hub') })
  onTestFinished(async () => {
    gateway.close()
    hub.close()
    await rm(folder, { recursive: true, force: true })
  })
  const answer = gateway.front(async () => new Response(), hub)
  const url = 'https://gateway.example/v1/introspect'
  const body = JSON.stringify({ token })
  const json = { 'content-type': 'application/json' }
  const signed = signRequest({ method: 'POST', url, body }, key)
  const ask = (headers: Record<string, string>): Promise<Response> =>
    answer(new Request(url, { method: 'POST', headers, body }), { peer: '198.51.100.7' })

  expect((await ask({ ...json, ...signed })).status).toBe(200)
  expect((await ask(json)).status).toBe(401)
  const event = 'service.introspect'
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({ event, keyId: 'text-2026', result: 'active', tokenKeyId: 'laptop' }),
    expect.objectContaining({ event, keyId: null, result: 'unauthenticated', tokenKeyId: null }),
  ])
  expect(lines.join()).toMatch(/"ts":"\d{4}-\d\d-\d\dT/)
  expect(lines.join()).not.toContain(token)
})

test('a refused reload says that the server runs on, and not that it did not start', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'modelferry-front-'))
  const config = join(folder, 'gateway.json')
  await writeFile(config, '{}')
  const notes: string[] = []
  const gateway = await gatewayFront(
    { config },
    { print: () => undefined, note: (line) => void notes.push(line) },
  )
  onTestFinished(async () => {
    gateway.close()
    await rm(folder, { recursive: true, force: true })
  })
  const hub = await createHub({ folder: join(folder, 'hub') })
  onTestFinished(() => hub.close())
  gateway.front(async () => new Response(), hub)
  for (const text of ['{ "realm": }', '{ "relam": "x" }', '{ "queue": { "concurrency": 0 } }']) {
    await writeFile(config, text)
    await gateway.reload()
    const note = notes.pop()
    expect(note).toMatch(/keeps its previous configuration and runs on; .*send SIGHUP again/)
    expect(note).not.toMatch(/nothing was started|start again/)
  }
})

test('a configuration that is read again before the hub listens is the one it starts with, and the newest one stays', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'modelferry-front-'))
  const config = join(folder, 'gateway.json')
  const listing = (token: string): string =>
    JSON.stringify({ auth: { tokens: [{ sha256: sha256Hex(token), sub: 'u1', keyId: 'k' }] } })
  await writeFile(config, listing('hf_first'))
  const output = { print: () => undefined, note: () => undefined }
  const gateway = await gatewayFront({ config }, output)
  const hub = await createHub({ folder: join(folder, 'hub') })
  onTestFinished(async () => {
    gateway.close()
    hub.close()
    await rm(folder, { recursive: true, force: true })
  })
  await writeFile(config, listing('hf_second'))
  await gateway.reload()
  const answer = gateway.front(async () => new Response(), hub)
  const statusOf = async (token: string): Promise<number> => {
    const headers = { authorization: `Bearer ${token}` }
    const request = new Request('https://gateway.example/api/models/a/b', { headers })
    return (await answer(request, { peer: '198.51.100.7' })).status
  }
  expect(await statusOf('hf_first')).toBe(401)
  expect(await statusOf('hf_second')).toBe(200)

  const earlier = gateway.reload()
  await writeFile(config, listing('hf_third'))
  await Promise.all([earlier, gateway.reload()])
  expect(await statusOf('hf_third')).toBe(200)
})

test('a configuration that cannot be read is refused with its path and the reason', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'modelferry-front-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const output = { print: () => undefined, note: () => undefined }
  const missing = join(folder, 'gateway.json')
  await expect(gatewayFront({ config: missing }, output)).rejects.toThrow(
    `The configuration ${missing}: there is no such file.`,
  )
  await expect(gatewayFront({ config: folder }, output)).rejects.toThrow('it is a folder')
  expect(describeUnreadable('EACCES', 'ada')).toContain('the user ada may not read it')
})

test('a publicUrl that contradicts --url is reported', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'modelferry-front-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const config = join(folder, 'gateway.json')
  await writeFile(config, '{ "publicUrl": "https://a.example/" }')
  const notesOf = async (url?: string): Promise<string[]> => {
    const notes: string[] = []
    const note = (line: string): void => void notes.push(line)
    const gateway = await gatewayFront({ config }, { print: () => undefined, note }, url)
    gateway.close()
    return notes
  }
  expect(await notesOf()).toEqual([])
  expect(await notesOf('https://a.example')).toEqual([])
  expect(await notesOf('https://b.example')).toEqual([
    'publicUrl is https://a.example, but --url is https://b.example, which counts. Remove one of them.',
  ])
})
