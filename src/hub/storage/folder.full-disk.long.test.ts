import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { startTestHub } from '../testing/startTestHub.ts'

const run = promisify(execFile)
const token = { authorization: 'Bearer hf_tester' }

test('on a file system of 4 MiB, uploads that do not fit are 507, leave no file, and smaller ones continue', async () => {
  const root = await mkdtemp(join(tmpdir(), 'modelferry-full-'))
  await run('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'modelferry-test', root])
  onTestFinished(async () => {
    await run('umount', [root])
    await rm(root, { recursive: true })
  })
  const hub = await startTestHub({ folder: join(root, 'hub') })
  const free = async (): Promise<number> => (await statfs(root)).bavail
  const putLarge = async (bytes: Uint8Array<ArrayBuffer>): Promise<Response> => {
    const oid = createHash('sha256').update(bytes).digest('hex')
    const objects = [{ oid, size: bytes.length }]
    const batch = await hub.get('/me/x.git/info/lfs/objects/batch', {
      method: 'POST',
      headers: token,
      body: JSON.stringify({ operation: 'upload', transfers: ['basic'], objects }),
    })
    const answer = (await batch.json()) as {
      objects: [{ actions: { upload: { href: string } } }]
    }
    return await fetch(answer.objects[0].actions.upload.href, { method: 'PUT', body: bytes })
  }
  const commit = (files: Record<string, string>): Promise<Response> =>
    hub.get('/api/models/me/x/commit/main', {
      method: 'POST',
      headers: token,
      body: Object.entries(files)
        .map(([path, content]) => JSON.stringify({ key: 'file', value: { path, content } }))
        .join('\n'),
    })
  const part = 'x'.repeat(700 * 1024)
  const large = Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8].map((at) => [`${at}.txt`, part + at]))

  const before = await free()
  for (const send of [
    () => putLarge(new Uint8Array(8 * 1024 * 1024).fill(7)),
    () => commit(large),
  ]) {
    const refused = await send()
    expect(refused.status).toBe(507)
    expect(await refused.text()).toContain('disk is full')
    expect(await free()).toBe(before)
  }
  expect(await readdir(join(hub.folder, 'unfinished'))).toEqual([])
  expect((await putLarge(new Uint8Array(1024 * 1024).fill(1))).status).toBe(200)
  expect((await commit({ 'a.txt': 'fits' })).status).toBe(200)
  expect(await (await hub.get('/me/x/resolve/main/a.txt')).text()).toBe('fits')
})
