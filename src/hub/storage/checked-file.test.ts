import { createHash } from 'node:crypto'
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { downloadFile, uploadFile } from '@huggingface/hub'
import { describe, expect, test } from 'vitest'
import { putModel } from '../testing/putModel.ts'
import { reconstruct } from '../testing/reconstruct.ts'
import { startTestHub } from '../testing/startTestHub.ts'
import type { TestHub } from '../testing/TestHub.ts'

/** The stored file of a kind, without its index. */
async function storedFile(hub: TestHub, kind: 'xorbs' | 'large' | 'blobs'): Promise<string> {
  const entries = await readdir(join(hub.folder, kind), { recursive: true, withFileTypes: true })
  const [file] = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.json'))
  return join(file!.parentPath, file!.name)
}

async function flipLastByte(path: string): Promise<void> {
  const bytes = await readFile(path)
  bytes[bytes.length - 1]! ^= 1
  await writeFile(path, bytes)
}

const bytes = Uint8Array.from({ length: 5 * 1024 * 1024 }, (_, at) => (at * 2654435761) >>> 23)
const oid = createHash('sha256').update(bytes).digest('hex')

/** The upload URL that the hub gives to an LFS client for the object, if any. */
async function uploadUrl(hub: TestHub): Promise<string | undefined> {
  const objects = [{ oid, size: bytes.length }]
  const response = await hub.get('/me/plain.git/info/lfs/objects/batch', {
    method: 'POST',
    headers: { authorization: 'Bearer hf_tester' },
    body: JSON.stringify({ operation: 'upload', transfers: ['basic'], objects }),
  })
  const answer = (await response.json()) as {
    objects: [{ actions?: { upload: { href: string } } }]
  }
  return answer.objects[0].actions?.upload.href
}

async function putPlain(hub: TestHub): Promise<void> {
  expect((await fetch((await uploadUrl(hub))!, { method: 'PUT', body: bytes })).status).toBe(200)
  const value = { path: 'plain.bin', algo: 'sha256', oid, size: bytes.length }
  const commit = await hub.get('/api/models/me/plain/commit/main', {
    method: 'POST',
    headers: { authorization: 'Bearer hf_tester' },
    body: JSON.stringify({ key: 'lfsFile', value }),
  })
  expect(commit.status).toBe(200)
}

describe('a xorb whose bytes were damaged on disk', () => {
  test('is detected when it is read, reported once, refused from then on, and can be uploaded again', async () => {
    const notes: string[] = []
    const hub = await startTestHub({ note: (message) => void notes.push(message) })
    const model = await putModel(hub)
    await flipLastByte(await storedFile(hub, 'xorbs'))
    const { url, range } = await reconstruct(hub)
    const read = async (): Promise<ArrayBuffer> => {
      const response = await fetch(url, { headers: { range } })
      if (response.status !== 206) throw new Error(`status ${response.status}`)
      return await response.arrayBuffer()
    }
    await expect(read()).rejects.toThrow('terminated')
    await expect(read()).rejects.toThrow('status 500')
    expect(notes).toEqual([
      expect.stringMatching(/^The stored xorb [0-9a-f]{64} is damaged: chunk /),
    ])
    // Remembered across a restart, after which a client must upload it again.
    await hub.close()
    const again = await startTestHub({ folder: hub.folder })
    const file = { path: 'model.onnx', content: new Blob([model]) }
    await uploadFile({ ...again.client, repo: 'me/vad', file })
    const blob = await downloadFile({ ...again.client, repo: 'me/vad', path: 'model.onnx' })
    expect(Buffer.compare(new Uint8Array(await blob!.arrayBuffer()), model)).toBe(0)
  })

  test('is detected at start when it is too short', async () => {
    const hub = await startTestHub()
    const model = await putModel(hub)
    await hub.close()
    await truncate(await storedFile(hub, 'xorbs'), 1000)
    const notes: string[] = []
    const again = await startTestHub({
      folder: hub.folder,
      note: (message) => void notes.push(message),
    })
    expect(notes).toEqual([expect.stringContaining('its file is too short')])
    await uploadFile({
      ...again.client,
      repo: 'me/vad',
      file: { path: 'model.onnx', content: new Blob([model]) },
    })
    const blob = await downloadFile({ ...again.client, repo: 'me/vad', path: 'model.onnx' })
    expect(Buffer.compare(new Uint8Array(await blob!.arrayBuffer()), model)).toBe(0)
  })
})

describe('a plain object', () => {
  const read = async (hub: TestHub, range?: string): Promise<Uint8Array> => {
    const headers: Record<string, string> = range === undefined ? {} : { range }
    const response = await fetch(`${hub.url}/me/plain/resolve/main/plain.bin`, { headers })
    if (!response.ok) throw new Error(`status ${response.status}`)
    return new Uint8Array(await response.arrayBuffer())
  }

  test.each([
    ['cut short', (path: string) => truncate(path, 1000)],
    ['altered', flipLastByte],
  ])('that was %s on disk is detected, and can be uploaded again', async (_, damage) => {
    const notes: string[] = []
    const hub = await startTestHub({ note: (message) => void notes.push(message) })
    await putPlain(hub)
    expect(await uploadUrl(hub)).toBeUndefined()
    await damage(await storedFile(hub, 'large'))
    await expect(read(hub)).rejects.toThrow(/terminated|status 500/)
    // Not 403 or 404, after which clients would request another URL.
    await expect(read(hub)).rejects.toThrow('status 500')
    expect(notes).toEqual([
      `The stored object ${oid} is damaged. It cannot be downloaded until it is uploaded again.`,
    ])
    await hub.close()
    const again = await startTestHub({ folder: hub.folder })
    await putPlain(again)
    expect(Buffer.compare(await read(again), bytes)).toBe(0)
  })

  test('of an older folder, with only a SHA-256, is checked completely at its first read', async () => {
    const hub = await startTestHub()
    await putPlain(hub)
    const path = await storedFile(hub, 'large')
    const old = JSON.stringify({ sha256: oid, size: bytes.length })
    await hub.close()
    await writeFile(`${path}.json`, old)
    const again = await startTestHub({ folder: hub.folder })
    const tail = await read(again, 'bytes=5000000-')
    expect(Buffer.compare(tail, bytes.subarray(5_000_000))).toBe(0)
    await again.close()
    await writeFile(`${path}.json`, old)
    await flipLastByte(path)
    const damaged = await startTestHub({ folder: hub.folder })
    await expect(read(damaged, 'bytes=0-9')).rejects.toThrow('terminated')
    expect(await uploadUrl(damaged)).toBeDefined()
  })
})

test('a damaged git blob is never delivered, and a new commit replaces it', async () => {
  const notes: string[] = []
  const hub = await startTestHub({ note: (message) => void notes.push(message) })
  const commit = async (): Promise<void> => {
    await hub.get('/api/models/me/small/commit/main', {
      method: 'POST',
      headers: { authorization: 'Bearer hf_tester' },
      body: JSON.stringify({ key: 'file', value: { path: 'a.txt', content: 'hello' } }),
    })
  }
  const read = async (): Promise<string> => (await hub.get('/me/small/resolve/main/a.txt')).text()
  await commit()
  expect(await read()).toBe('hello')
  await flipLastByte(await storedFile(hub, 'blobs'))
  await expect(read()).rejects.toThrow('terminated')
  expect(notes).toEqual([expect.stringMatching(/^The stored blob [0-9a-f]{40} is damaged/)])
  await commit()
  expect(await read()).toBe('hello')
})

describe('a damaged commit', () => {
  /** A hub with a repository of three commits, the second of which is damaged, and another repository. */
  async function openDamaged(damage: (path: string, size: number) => Promise<void>) {
    const notes: string[] = []
    const before = await startTestHub()
    const oids: string[] = []
    for (const name of ['a', 'b', 'c']) oids.push(await before.put({ [name]: name }))
    const [, second] = oids
    const commit = { key: 'file', value: { path: 'x', content: 'y' } }
    await before.call('POST', '/api/models/me/other/commit/main', commit)
    await before.call('POST', '/api/models/me/vad/branch/old', { startingPoint: oids[0] })
    await before.close()
    const commits = join(before.folder, 'repos', 'models', 'me.', 'vad.', 'commits')
    const path = join(commits, `${second}.json`)
    await damage(path, (await readFile(path)).length)
    // What a file manager leaves.
    for (const at of ['', '../branches']) await writeFile(join(commits, at, '.DS_Store'), 'x')
    const hub = await startTestHub({
      folder: before.folder,
      note: (message) => void notes.push(message),
    })
    return { hub, notes, oids }
  }

  test.each<[what: string, damage: (path: string, size: number) => Promise<void>]>([
    ['is empty', (path) => truncate(path, 0)],
    ['ends in its first line', (path) => truncate(path, 20)],
    ['ends in its list', (path, size) => truncate(path, size - 3)],
    ['has only zeros', (path, size) => writeFile(path, new Uint8Array(size))],
  ])('that %s affects only the revisions that need it', async (_, damage) => {
    const { hub, notes, oids } = await openDamaged(damage)
    const statusOf = async (revision: string): Promise<number> =>
      (await hub.call('GET', `/api/models/me/vad/tree/${revision}`)).status
    expect(await Promise.all([...oids, 'main', 'old'].map(statusOf))).toEqual([
      200, 500, 500, 500, 200,
    ])
    const { body } = await hub.call('GET', '/api/models/me/vad/tree/main')
    expect(body['error']).toContain(`The stored commit ${oids[1]} is damaged`)
    expect(notes).toEqual([expect.stringContaining(`${oids[1]}.json of me/vad is damaged`)])
    const listed = (await (await hub.get('/api/models?full=true')).json()) as { id: string }[]
    expect(listed.map(({ id }) => id)).toEqual(['me/other', 'me/vad'])
    // The content of other commits, and of other repositories, stays visible.
    expect((await hub.call('GET', '/api/models/me/vad/lfs-files')).status).toBe(200)
    const objects = [{ oid: 'ab'.repeat(32), size: 1 }]
    const batch = await hub.call('POST', '/me/other.git/info/lfs/objects/batch', {
      operation: 'upload',
      objects,
    })
    expect(batch.status).toBe(200)
    // The commits before it are kept.
    expect((await hub.call('POST', '/api/models/me/vad/super-squash/old', {})).status).toBe(200)
    expect(await statusOf(oids[0]!)).toBe(200)
    const anew = { startingPoint: oids[0], overwrite: true }
    expect((await hub.call('POST', '/api/models/me/vad/branch/main', anew)).status).toBe(200)
    await hub.put({ d: 'd' })
    expect(await statusOf('main')).toBe(200)
  })
})
