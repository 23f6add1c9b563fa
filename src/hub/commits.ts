// Commits: how each file is to be sent (`preupload`), and the commit itself, one JSON line for each file.

import { isWeights } from '../core/index.ts'
import { repository, writable } from './access.ts'
import { parseJson, readLines, readJson } from './body.ts'
import { pacer } from './pacing.ts'
import { HubRefusal, jsonAnswer } from './refusals.ts'
import { as, REPO, TYPE } from './routing.ts'
import { gitBlobId, pointerText } from './storage/objects.ts'
import { checkPath, repoKey } from './storage/repos.ts'
import type { BlobStage, FileEntry } from './context.ts'
import type { HubEnv, HubRequest } from './environment.ts'
import type { Hono } from 'hono/tiny'

/** A file of 6 MB in base64; larger ones are sent as large files. Parsing a line cannot be interrupted. */
const LONGEST_LINE = 8 * 1024 * 1024
const MOST_CHANGES = 100_000

interface Line {
  readonly key?: unknown
  readonly value?: Readonly<Record<string, unknown>>
}

/** Takes commits from callers that may write. */
export function commitRoutes(app: Hono<HubEnv>): void {
  const of = `/api/${TYPE}/${REPO}`
  app.post(`${of}/preupload/:revision`, as('preupload'), repository, writable, preupload)
  app.post(`${of}/commit/:revision`, as('commit'), repository, writable, commitFiles)
}

async function commitFiles(c: HubRequest): Promise<Response> {
  const { hub } = c.env
  const { repo, revision: branch } = c.var
  if (c.req.query('create_pr') === '1') {
    throw new HubRefusal(400, 'This hub has no pull requests. Commit to a branch instead.')
  }
  const changes = new Map<string, FileEntry | null>()
  let title = 'Upload'
  let parent: string | undefined
  const blobs = hub.objects.stageBlobs()
  const pause = pacer(1)
  try {
    for await (const text of readLines(c.req.raw.body, LONGEST_LINE)) {
      if (text.trim() === '') continue
      const { key, value = {} } = parseJson(text, 'Each line of a commit must be JSON.') as Line
      if (pause.due()) await pause.now()
      if (key === 'header') {
        if (typeof value['summary'] === 'string') title = value['summary']
        if (typeof value['parentCommit'] === 'string') parent = value['parentCommit']
        continue
      }
      const path = checkPath(textOf(value['path']))
      changes.set(path, await readChange(c, blobs, key, value, path))
      if (changes.size > MOST_CHANGES) {
        throw new HubRefusal(413, `A commit may change at most ${MOST_CHANGES} files.`)
      }
    }
    const { oid } = await hub.repos.commit(repo, branch, title, changes, parent, () => blobs.keep())
    hub.visibility.changed(repoKey(repo))
    const commitUrl = `${hub.hubOrigin(c.req.raw)}/${repoKey(repo)}/commit/${oid}`
    return jsonAnswer({ success: true, commitOid: oid, commitUrl, hookOutput: '' })
  } finally {
    await blobs.drop()
  }
}

async function readChange(
  c: HubRequest,
  blobs: BlobStage,
  key: unknown,
  value: Readonly<Record<string, unknown>>,
  path: string,
): Promise<FileEntry | null> {
  const { hub } = c.env
  if (key === 'deletedFile') return null
  if (key === 'file') {
    const encoding = value['encoding'] === 'base64' ? 'base64' : 'utf8'
    const bytes = Buffer.from(textOf(value['content']), encoding)
    return { oid: await blobs.add(bytes), size: bytes.byteLength }
  }
  if (key !== 'lfsFile') throw new HubRefusal(400, `A commit cannot hold ${JSON.stringify(key)}.`)
  const sha256 = textOf(value['oid'])
  const known =
    /^[0-9a-f]{64}$/.test(sha256) &&
    (await hub.visibility.toCaller(repoKey(c.var.repo), c.var.rights, 'large', sha256))
  const large = known ? await hub.objects.large(sha256) : undefined
  if (large === undefined) {
    throw new HubRefusal(
      400,
      `The large file ${path} was not uploaded: no object ${sha256.slice(0, 64)}.`,
    )
  }
  if (value['size'] !== undefined && value['size'] !== large.size) {
    throw new HubRefusal(
      400,
      `The large file ${path} has ${large.size} bytes, not ${JSON.stringify(value['size'])}.`,
    )
  }
  const oid = gitBlobId(new TextEncoder().encode(pointerText(sha256, large.size)))
  const { size, xetHash } = large
  return { oid, size, sha256, ...(xetHash !== undefined && { xetHash }) }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

const MOST_REGULAR = 1024 * 1024
const binary =
  /\.(ggml|bin|pt|pth|ckpt|h5|pb|msgpack|model|npy|npz|parquet|arrow|wasm|zip|gz|xz|zst|7z|tar|tgz|rar|mp3|mp4|wav|flac|ogg|png|jpg|jpeg|webp|gif)$/i

/**
 * Whether a file goes into git itself or is large. Decided by name and size, as a repository's
 * `.gitattributes` would.
 *
 * @param path of the file
 * @param size bytes; an empty file always goes into git
 */
export function uploadMode(path: string, size: number): 'lfs' | 'regular' {
  const large = size > MOST_REGULAR || isWeights(path.toLowerCase()) || binary.test(path)
  return size > 0 && large ? 'lfs' : 'regular'
}

/** Answers JSON `{ files: [{ path, size }] }`. */
async function preupload(c: HubRequest): Promise<Response> {
  const { files } = await readJson(c.req.raw)
  if (!Array.isArray(files)) throw new HubRefusal(400, 'files must be a list.')
  return jsonAnswer({
    files: files.map((file: unknown) => {
      const { path, size } = (file ?? {}) as { path?: unknown; size?: unknown }
      if (typeof path !== 'string' || typeof size !== 'number') {
        throw new HubRefusal(400, 'Each file needs a path and a size.')
      }
      return { path: checkPath(path), uploadMode: uploadMode(path, size), shouldIgnore: false }
    }),
  })
}
