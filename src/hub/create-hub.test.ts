import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createHub } from './create-hub.ts'
import { describeListenError, startHub } from './http-server.ts'
import { startTestHub } from './testing/startTestHub.ts'

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'modelferry-hub-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('a hub answers requests for one origin or two', async () => {
  const folder = await makeFolder()
  const one = await createHub({ folder, url: 'https://hub.example' })
  expect((await one.fetch(new Request('https://hub.example/me/x/resolve/main/a'))).status).toBe(401)
  const path = `/xorbs/default/${'0'.repeat(64)}`
  const stored = await one.fetch(new Request(`https://hub.example${path}`))
  expect([stored.status, stored.headers.get('content-type')]).toEqual([403, 'application/xml'])
  const two = await createHub({ folder: await makeFolder(), storageUrl: 'https://storage.example' })
  expect((await two.fetch(new Request(`https://hub.example${path}`))).status).toBe(404)
  expect((await two.fetch(new Request(`https://storage.example${path}`))).status).toBe(403)
  one.close()
  expect((await one.fetch(new Request('https://hub.example/'))).status).toBe(503)
})

test('an error of a port names the port, its use and the rights that it needs', () => {
  const error = { code: 'EACCES', message: '' }
  const at = { port: 81, host: '127.0.0.1', use: 'presigned storage (--storage-port)' }
  expect(describeListenError(error, at)).toMatch(
    /127\.0\.0\.1:81, the port of presigned storage \(--storage-port\) \(EACCES\)\. Ports below 1024 need/,
  )
  expect(describeListenError(error, { port: 8080, host: '::1' })).not.toContain('1024')
})

test('the port of storage is named when it is in use', async () => {
  const hub = await startTestHub()
  const storagePort = Number(new URL(hub.url).port)
  await expect(startHub({ folder: await makeFolder(), storagePort })).rejects.toThrow(
    /is in use, the port of presigned storage \(--storage-port/,
  )
})

test('a port in use and a path that is not a folder are refused with clear errors', async () => {
  const hub = await startTestHub()
  const port = Number(new URL(hub.url).port)
  const folder = await makeFolder()
  await expect(startHub({ folder, port })).rejects.toThrow(`Port ${port} of 127.0.0.1 is in use`)
  const file = join(folder, 'file')
  await writeFile(file, '')
  await expect(startHub({ folder: file })).rejects.toThrow(
    /cannot use .*: it is a file\. Name a folder/,
  )
  await expect(startHub({ folder: join(file, 'hub') })).rejects.toThrow('it is a file, or in one')
})

test('unfinished files of a killed process are removed', async () => {
  const folder = await makeFolder()
  const hash = '0'.repeat(64)
  await mkdir(join(folder, 'unfinished'))
  await mkdir(join(folder, 'xorbs', '00'), { recursive: true })
  const dead = 2 ** 30
  for (const owner of [dead, process.pid, process.ppid]) {
    await writeFile(join(folder, 'unfinished', `${owner}.someone.1`), '')
  }
  await writeFile(join(folder, 'xorbs', '00', hash), 'records whose index was never written')
  const hub = await createHub({ folder })
  expect(await readdir(join(folder, 'unfinished'))).toEqual([])
  expect(await readdir(join(folder, 'xorbs', '00'))).toEqual([])
  hub.close()
})
