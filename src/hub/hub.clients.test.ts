import * as js from '@huggingface/hub'
import {
  createBranch,
  createRepo,
  downloadFile,
  listFiles,
  uploadFile,
  uploadFiles,
} from '@huggingface/hub'
import { downloadFile as downloadFileV1, uploadFile as uploadFileV1 } from 'huggingface-hub-2.14.6'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { LogEntry } from './log.ts'
import { readModel } from './testing/readModel.ts'
import { startTestHub } from './testing/startTestHub.ts'

const large = 'silero_vad_op18_ifless.onnx'
const small = 'silero_vad_16k_op15.onnx'
const repo = 'me/vad'

async function bytesOf(blob: Blob | null): Promise<Uint8Array> {
  return new Uint8Array(await blob!.arrayBuffer())
}

function same(actual: Uint8Array, expected: Uint8Array): void {
  expect(Buffer.compare(actual, expected)).toBe(0)
}

function sent(entries: readonly LogEntry[], kind: string): number {
  return entries
    .filter((entry) => entry.kind === kind)
    .reduce((sum, { received }) => sum + received, 0)
}

describe.each([
  ['one URL per range', { multirange: false }],
  ['one URL for several ranges', { multirange: true }],
  ['small ranges', { descriptorBytes: 200_000 }],
  ['small ranges under one URL', { descriptorBytes: 200_000, multirange: true }],
  ['any range within a signed one', { exactRanges: false }],
])('the client of API v2, with %s', (_, settings) => {
  test('downloads the uploaded bytes, whole and in part, from shared xorbs too', async () => {
    const hub = await startTestHub({ ...settings, reconstruction: 'v2' })
    for (const name of ['silero_vad_half.onnx', small] as const) {
      const bytes = await readModel(name)
      const file = { path: `onnx/${name}`, content: new Blob([bytes]) }
      await uploadFile({ ...hub.client, repo, file })
      const blob = await downloadFile({ ...hub.client, repo, path: file.path })
      same(await bytesOf(blob), bytes)
      same(await bytesOf(blob!.slice(1_000_000, 1_000_100)), bytes.slice(1_000_000, 1_000_100))
      same(await bytesOf(blob!.slice(7, 400_007)), bytes.slice(7, 400_007))
      same(await bytesOf(blob!.slice(bytes.length - 1)), bytes.slice(-1))
    }
  })
})

test('the client of API v1 uploads and downloads', async () => {
  const hub = await startTestHub({ reconstruction: 'v1' })
  const bytes = await readModel(small)
  const file = { path: small, content: new Blob([bytes]) }
  await uploadFileV1({ ...hub.client, repo, file })
  const blob = await downloadFileV1({ ...hub.client, repo, path: small })
  same(await bytesOf(blob), bytes)
  same(await bytesOf(blob!.slice(500_000, 600_000)), bytes.slice(500_000, 600_000))
  await expect(downloadFile({ ...hub.client, repo, path: small }).then(bytesOf)).rejects.toThrow(
    'no reconstruction API v2',
  )
})

test('a related file shares xorbs and uploads far less', async () => {
  const hub = await startTestHub()
  const [first, second] = await Promise.all([readModel(large), readModel(small)])
  await uploadFile({ ...hub.client, repo, file: { path: 'a.onnx', content: new Blob([first]) } })
  hub.hub.log.clear()
  await uploadFile({ ...hub.client, repo, file: { path: 'b.onnx', content: new Blob([second]) } })
  expect(sent(hub.hub.log.entries, 'xorb-upload')).toBeLessThan(second.byteLength / 4)
  hub.hub.log.clear()
  same(await bytesOf(await downloadFile({ ...hub.client, repo, path: 'b.onnx' })), second)
  const xorbs = hub.hub.log.entries.filter(({ kind }) => kind === 'xorb').map(({ path }) => path)
  expect(new Set(xorbs).size).toBe(2)
})

test('without hints, the query for an unknown first chunk is a 404', async () => {
  const hub = await startTestHub({ dedupeHints: false })
  const [first, second] = await Promise.all([readModel(large), readModel(small)])
  await uploadFile({ ...hub.client, repo, file: { path: 'a.onnx', content: new Blob([first]) } })
  hub.hub.log.clear()
  await uploadFile({ ...hub.client, repo, file: { path: 'b.onnx', content: new Blob([second]) } })
  const [query] = hub.hub.log.entries.filter(({ kind }) => kind === 'chunk')
  expect(query!.status).toBe(404)
})

test('the same file again sends nothing, not even to another repository', async () => {
  const hub = await startTestHub()
  const content = new Blob([await readModel(small)])
  await uploadFile({ ...hub.client, repo, file: { path: 'a.onnx', content } })
  hub.hub.log.clear()
  await uploadFile({ ...hub.client, repo: 'me/other', file: { path: 'b.onnx', content } })
  expect(hub.hub.log.entries.map(({ kind }) => kind)).toEqual(['preupload', 'batch', 'commit'])
})

test('a revision does not change when its branch gets new commits', async () => {
  const hub = await startTestHub()
  const path = 'model.onnx'
  const versions = [await readModel('silero_vad_half.onnx'), await readModel(small)]
  const oids: string[] = []
  for (const bytes of versions) {
    const file = { path, content: new Blob([bytes]) }
    oids.push((await uploadFile({ ...hub.client, repo, file }))!.commit.oid)
  }
  for (const [index, revision] of oids.entries()) {
    const blob = await downloadFile({ ...hub.client, repo, path, revision })
    same(await bytesOf(blob), versions[index]!)
  }
  same(await bytesOf(await downloadFile({ ...hub.client, repo, path })), versions[1]!)
})

test.each(['datasets', 'spaces'] as const)('%s have their own names', async (type) => {
  const hub = await startTestHub()
  const bytes = await readModel('silero_vad_half.onnx')
  const designation = `${type}/me/data` as const
  const files = [
    { path: 'a/model.onnx', content: new Blob([bytes]) },
    { path: 'config.json', content: new Blob(['{}']) },
  ]
  await createRepo({ ...hub.client, repo: designation })
  await createBranch({ ...hub.client, repo: designation, branch: 'feature/one' })
  await uploadFiles({ ...hub.client, repo: designation, files, branch: 'feature/one' })
  const at = { ...hub.client, repo: designation, revision: 'feature/one' }
  same(await bytesOf(await downloadFile({ ...at, path: 'a/model.onnx' })), bytes)
  expect(await (await downloadFile({ ...at, path: 'config.json' }))!.text()).toBe('{}')
  expect(
    await downloadFile({ ...hub.client, repo: designation, revision: 'feature/one', path: 'none' }),
  ).toBeNull()
  expect((await hub.get('/me/data/resolve/main/config.json')).status).toBe(401)
})

test('a client without Xet uploads plain objects and gets redirected to them', async () => {
  const hub = await startTestHub()
  const bytes = await readModel('silero_vad_half.onnx')
  const file = { path: 'model.onnx', content: new Blob([bytes]) }
  await uploadFile({ ...hub.client, repo, file, useXet: false })
  same(await bytesOf(await downloadFile({ ...hub.client, repo, path: 'model.onnx' })), bytes)
  const kinds = new Set(hub.hub.log.entries.map(({ kind }) => kind))
  expect(kinds.has('lfs')).toBe(true)
  expect(kinds.has('xorb')).toBe(false)
})

test('listings show the stored files', async () => {
  const hub = await startTestHub()
  const bytes = await readModel('silero_vad_half.onnx')
  const files = [
    { path: 'onnx/model.onnx', content: new Blob([bytes]) },
    { path: 'onnx/deep/notes.txt', content: new Blob(['hi']) },
    { path: 'config.json', content: new Blob(['{}']) },
  ]
  await uploadFiles({ ...hub.client, repo, files })
  const list = async (options: { recursive?: boolean; path?: string }): Promise<string[]> => {
    const found: string[] = []
    for await (const { type, path, size, xetHash } of listFiles({
      ...hub.client,
      repo,
      ...options,
    })) {
      found.push(`${type} ${path} ${size}${xetHash === undefined ? '' : ' xet'}`)
    }
    return found
  }
  expect(await list({})).toEqual(['file config.json 2', 'directory onnx 0'])
  expect(await list({ path: 'onnx' })).toEqual([
    'directory onnx/deep 0',
    `file onnx/model.onnx ${bytes.byteLength} xet`,
  ])
  expect(await list({ recursive: true })).toHaveLength(5)
  await expect(list({ path: 'absent' })).rejects.toThrow('Entry not found')
  const info = (await (await hub.get(`/api/models/${repo}`)).json()) as { siblings: unknown[] }
  expect(info.siblings).toHaveLength(3)
})

test('an upload continues after a restart on the same ports', async () => {
  const hub = await startTestHub()
  const bytes = await readModel(small)
  await uploadFile({ ...hub.client, repo, file: { path: small, content: new Blob([bytes]) } })
  await hub.close()
  const ports = [hub.url, hub.storageUrl].map((url) => Number(new URL(url).port))
  const [port, storagePort] = ports as [number, number]
  const again = await startTestHub({ folder: hub.folder, port, storagePort })
  same(await bytesOf(await downloadFile({ ...again.client, repo, path: small })), bytes)
})

describe('the functions of huggingface.js', () => {
  const path = 'w/model.bin'
  const weights = new Blob([crypto.getRandomValues(new Uint8Array(20_000))])
  const text = (content: string): Blob => new Blob([content])
  const all = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => {
    const found: Item[] = []
    for await (const item of items) found.push(item)
    return found
  }
  const fill = async () => {
    const hub = await startTestHub()
    const at = { ...hub.client, repo }
    await js.createRepo(at)
    await js.uploadFiles({
      ...at,
      files: [
        { path, content: weights },
        { path: 'a.txt', content: text('one') },
      ],
      commitTitle: 'first',
      commitDescription: 'why',
    })
    return { hub, at }
  }

  test('make, find, describe, list and delete repositories', async () => {
    const { hub, at } = await fill()
    expect((await js.whoAmI(hub.client)).type).toBe('user')
    expect(await js.repoExists(at)).toBe(true)
    expect(await js.repoExists({ ...at, repo: 'me/none' })).toBe(false)
    await js.checkRepoAccess(at)
    await expect(js.createRepo(at)).rejects.toThrow('already created')
    await js.createRepo({ ...at, repo: 'datasets/me/data', visibility: 'private' })
    await js.createRepo({ ...at, repo: 'spaces/me/app', sdk: 'static' })
    const info = await js.modelInfo({ ...hub.client, name: repo, additionalFields: ['author'] })
    expect(info).toMatchObject({ name: repo, private: false, gated: false, author: 'me' })
    expect(info.updatedAt.getTime()).toBeGreaterThan(0)
    expect((await js.datasetInfo({ ...hub.client, name: 'me/data' })).private).toBe(true)
    expect((await js.spaceInfo({ ...hub.client, name: 'me/app' })).sdk).toBe('static')
    const search = { owner: 'me' }
    const fields = { additionalFields: ['filePaths' as const] }
    expect(await all(js.listModels({ ...hub.client, search, ...fields }))).toMatchObject([
      { name: repo, filePaths: [path, 'a.txt'] },
    ])
    expect(await all(js.listDatasets({ ...hub.client, search }))).toMatchObject([
      { name: 'me/data' },
    ])
    expect(await all(js.listDatasets({ hubUrl: hub.url, search }))).toEqual([])
    expect(await all(js.listSpaces({ ...hub.client, search }))).toMatchObject([{ name: 'me/app' }])
    await js.deleteRepo(at)
    expect(await js.repoExists(at)).toBe(false)
  })

  test('list files and commits, and find single ones', async () => {
    const { at } = await fill()
    const listed = await all(js.listFiles({ ...at, recursive: true, expand: true }))
    expect(listed.map((file) => [file.path, file.lastCommit?.title])).toEqual([
      ['a.txt', 'first'],
      ['w', 'first'],
      [path, 'first'],
    ])
    const found = await js.pathsInfo({ ...at, paths: [path, 'w', 'none'], expand: true })
    expect(found.map((info) => [info.type, info.lastCommit.title])).toEqual([
      ['file', 'first'],
      ['directory', 'first'],
    ])
    expect(await js.fileExists({ ...at, path })).toBe(true)
    expect(await js.fileExists({ ...at, path: 'none' })).toBe(false)
    expect(await js.fileDownloadInfo({ ...at, path })).toMatchObject({ size: 20_000 })
    expect(await js.fileDownloadInfo({ ...at, path: 'none' })).toBeNull()
    expect(await all(js.listCommits({ ...at, batchSize: 1 }))).toMatchObject([
      { title: 'first', message: 'why', authors: [] },
      { title: 'initial commit' },
    ])
    expect(await js.countCommits(at)).toBe(2)
    const folder = await mkdtemp(join(tmpdir(), 'modelferry-snapshot-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const snapshot = await js.snapshotDownload({ ...at, cacheDir: folder })
    expect(await readFile(join(snapshot, 'a.txt'), 'utf8')).toBe('one')
  })

  test('branch, commit to branches and pull requests, edit and delete', async () => {
    const { hub, at } = await fill()
    await js.createBranch({ ...at, branch: 'dev' })
    await expect(js.createBranch({ ...at, branch: 'dev' })).rejects.toThrow('exists already')
    await js.createBranch({ ...at, branch: 'dev', overwrite: true })
    await js.createBranch({ ...at, branch: 'empty', empty: true })
    expect(await all(js.listFiles({ ...at, revision: 'empty' }))).toEqual([])
    const change = {
      title: 'change',
      operations: [
        { operation: 'addOrUpdate', path: 'a.txt', content: text('two') },
        { operation: 'delete', path },
      ],
    } as const
    const commit = { ...at, ...change, operations: [...change.operations] }
    const dev = await js.commit({ ...commit, branch: 'dev' })
    expect(await all(js.listFiles({ ...at, revision: dev!.commit.oid }))).toHaveLength(1)
    await expect(js.commit({ ...commit, branch: 'none' })).rejects.toThrow('Invalid rev id')
    const pull = await js.commit({ ...commit, isPullRequest: true })
    expect(pull!.pullRequestUrl).toBe(`${hub.url}/${repo}/discussions/1`)
    const changed = await js.downloadFile({ ...at, path: 'a.txt', revision: 'refs/pr/1' })
    expect(await changed!.text()).toBe('two')
    await js.deleteBranch({ ...at, branch: 'dev' })
    await expect(js.deleteBranch({ ...at, branch: 'dev' })).rejects.toThrow('Invalid rev id')
    const originalContent = (await js.downloadFile({ ...at, path }))!
    const edit = { content: text('new'), start: 0, end: 3 }
    const operation = { operation: 'edit' as const, path, originalContent, edits: [edit] }
    await js.commit({ ...at, title: 'edit', operations: [operation] })
    const edited = await js.downloadFile({ ...at, path })
    expect(await edited!.slice(0, 3).text()).toBe('new')
    same(await bytesOf(edited!.slice(3)), await bytesOf(weights.slice(3)))
    await js.deleteFile({ ...at, path })
    await js.deleteFiles({ ...at, paths: ['a.txt'] })
    expect(await all(js.listFiles(at))).toEqual([])
    await all(js.uploadFilesWithProgress({ ...at, files: [{ path, content: weights }] }))
    expect(await js.fileExists({ ...at, path })).toBe(true)
  })
})
