// Commits: how each file is to be sent (`preupload`), and the commit itself, one JSON line for each file.

import { isWeights } from '../address/index.ts'
import { existing, ownRepo, readable, repository, writable } from './access.ts'
import { parseJson, readLines, readJson } from './body.ts'
import { longestGitignore, readGitignore } from './gitignore.ts'
import { longJsonAnswer, pacer, turn } from './pacing.ts'
import { HubRefusal, jsonAnswer } from './refusals.ts'
import { as, isTrue, REPO, TYPE, type HubEnv, type HubRequest } from './routing.ts'
import { gitBlobId, pointerText } from './storage/objects.ts'
import { revisionNotFound } from './storage/history.ts'
import { checkNewPath, checkPath, readRepo, repoKey } from './storage/repo-names.ts'
import type { FileEntry, HubContext, NewCommit, Revision } from './context.ts'
import type { BlobStage } from './content.ts'
import type { Hono } from 'hono/tiny'

/** A file of 3 MB in base64; larger ones are sent as large files. Parsing a line cannot be interrupted. */
const LONGEST_LINE = 4 * 1024 * 1024
/** Characters of a file's content whose steps are done one in each turn of the event loop. */
const LONG_CONTENT = 256 * 1024
const MOST_CHANGES = 100_000
/** Lines that are empty, a header, or for a path of an earlier line. */
const MOST_SPARE = 10_000
/** Characters. Listings repeat the summary with every file, and escape the description. */
const LONGEST_SUMMARY = 1000
const LONGEST_DESCRIPTION = 64 * 1024

interface Line {
  readonly key?: unknown
  readonly value: Readonly<Record<string, unknown>>
}

/** Takes commits from callers that may write. */
export function commitRoutes(app: Hono<HubEnv>): void {
  const of = `/api/${TYPE}/${REPO}`
  app.post(`${of}/preupload/:revision`, as('preupload'), repository, writable, preupload)
  app.post(`${of}/commit/:revision`, as('commit'), repository, writable, commitFiles)
  const copies = `${of}/lfs-files/duplicate`
  app.post(copies, as('lfs-files'), repository, existing, readable, checkCopies)
}

async function commitFiles(c: HubRequest): Promise<Response> {
  const { hub } = c.env
  const { repo, revision: branch } = c.var
  const start = startOf(c)
  // Asked before the body, which may take long: a repository that is deleted meanwhile does not come back.
  const existing = await hub.repos.exists(repo)
  const changes = new Map<string, FileEntry | null>()
  let title = 'Upload'
  let message: string | undefined
  let parent: string | undefined
  let lines = 0
  const blobs = hub.objects.stageBlobs()
  const pause = pacer(1)
  try {
    for await (const text of readLines(c.req.raw.body, LONGEST_LINE)) {
      if (pause.due()) await pause.now()
      if (++lines - changes.size > MOST_SPARE) {
        throw new HubRefusal(
          413,
          `A commit may have at most ${MOST_SPARE} lines that are empty or repeat a path.`,
        )
      }
      if (text.trim() === '') continue
      const { key, value } = lineOf(parseJson(text, lineRefusal))
      if (pause.due()) await pause.now()
      if (key === 'header') {
        if (typeof value['summary'] === 'string') title = checkSummary(value['summary'])
        if (typeof value['description'] === 'string') {
          message = checkDescription(value['description'])
        }
        if (typeof value['parentCommit'] === 'string') parent = value['parentCommit']
        continue
      }
      const path = pathOf(key, textOf(value['path']))
      const at = key === 'deletedFolder' ? `${path}/` : path
      const entry = await readChange(c, blobs, key, value, path)
      // Again at the end, because changes happen in their order.
      changes.delete(at)
      changes.set(at, entry)
      if (changes.size > MOST_CHANGES) {
        throw new HubRefusal(413, `A commit may change at most ${MOST_CHANGES} files.`)
      }
    }
    const made = await hub.repos.commit(
      repo,
      {
        title,
        ...(message !== undefined && { message }),
        branch,
        ...(parent !== undefined && { parent }),
        ...(start && { start }),
        changes,
        existing,
        // A repository that was private under this name stays private when a commit creates it again.
        access: hub.guard.accessOf(repo),
      },
      () => blobs.keep(),
    )
    hub.visibility.changed(repoKey(repo), 'added')
    const { oid } = made.commit
    const page = `${hub.hubOrigin(c.req.raw)}/${repoKey(repo)}`
    const number = /^refs\/pr\/(\d+)$/.exec(made.branch)?.[1]
    return jsonAnswer({
      success: true,
      commitOid: oid,
      commitUrl: `${page}/commit/${oid}`,
      hookOutput: '',
      ...(start === 'pull-request' && { pullRequestUrl: `${page}/discussions/${number}` }),
    })
  } finally {
    await blobs.drop()
  }
}

/**
 * Validates the first line of a commit message.
 *
 * @throws HubRefusal 400 when it has more than 1,000 characters
 */
export function checkSummary(text: string): string {
  return bounded(text, LONGEST_SUMMARY, 'The summary of a commit')
}

/**
 * Validates the rest of a commit message, and the message of a tag.
 *
 * @throws HubRefusal 400 when it has more than 65,536 characters
 */
export function checkDescription(text: string): string {
  return bounded(text, LONGEST_DESCRIPTION, 'The description of a commit or a tag')
}

function bounded(text: string, most: number, what: string): string {
  if (text.length <= most) return text
  throw new HubRefusal(400, `${what} may have at most ${most} characters.`)
}

function pathOf(key: unknown, given: string): string {
  if (key === 'deletedFolder') return checkPath(given.replace(/\/$/, ''))
  return key === 'deletedFile' ? checkPath(given) : checkNewPath(given)
}

/** Where a commit may go other than to a branch that exists: `?create_pr=1`, `?createBranch=1`. */
function startOf(c: HubRequest): NewCommit['start'] {
  if (isTrue(c.req.query('create_pr'))) return 'pull-request'
  return isTrue(c.req.query('createBranch')) ? 'branch' : undefined
}

const lineRefusal = 'Each line of a commit must be a JSON object { key, value }.'

/** @throws HubRefusal 400 for anything else than an object with an object in it */
function lineOf(line: unknown): Line {
  const { key, value = {} } = (line ?? {}) as { key?: unknown; value?: unknown }
  if (typeof value !== 'object' || value === null) throw new HubRefusal(400, lineRefusal)
  return { key, value: value as Line['value'] }
}

async function readChange(
  c: HubRequest,
  blobs: BlobStage,
  key: unknown,
  value: Readonly<Record<string, unknown>>,
  path: string,
): Promise<FileEntry | null> {
  const { hub } = c.env
  if (key === 'deletedFile' || key === 'deletedFolder') return null
  if (key === 'file') {
    const { content, encoding = 'utf-8' } = value
    if (typeof content !== 'string' || !/^(?:base64|utf-?8)$/.test(String(encoding))) {
      throw new HubRefusal(400, `${path} needs content, and utf-8 or base64 as its encoding.`)
    }
    if (encoding === 'base64' && !isBase64(content)) {
      throw new HubRefusal(400, `The content of ${path} is not base64.`)
    }
    // Each step of a long file takes some milliseconds.
    if (content.length > LONG_CONTENT) await turn()
    const bytes = Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8')
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

/** `Buffer.from` ignores what is not base64. The padding may be absent. */
function isBase64(text: string): boolean {
  const digits = text.replace(/={1,2}$/, '')
  const whole = digits.length === text.length || text.length % 4 === 0
  return whole && digits.length % 4 !== 1 && !/[^A-Za-z0-9+/]/.test(digits)
}

/** Whether a client names a number of bytes. */
export function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
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
function uploadMode(path: string, size: number): 'lfs' | 'regular' {
  const large = size > MOST_REGULAR || isWeights(path.toLowerCase()) || binary.test(path)
  return size > 0 && large ? 'lfs' : 'regular'
}

/**
 * Answers JSON `{ files: [{ path, size }], gitIgnore? }`. A branch that is not there is refused here, before the files are
 * sent.
 */
async function preupload(c: HubRequest): Promise<Response> {
  const { hub } = c.env
  const { repo, revision } = c.var
  const { files, gitIgnore } = await readJson(c.req.raw)
  if (!Array.isArray(files)) throw new HubRefusal(400, 'files must be a list.')
  const commit = await hub.repos.find(repo, revision)
  const first = revision === 'main' && !(await hub.repos.exists(repo))
  if (commit === undefined && !first && startOf(c) !== 'branch') throw revisionNotFound(revision)
  const isIgnored = await readGitignore(
    typeof gitIgnore === 'string' ? gitIgnore : await ignoreFile(hub, commit),
    { signal: c.req.raw.signal },
  )
  const pause = pacer()
  const listed: object[] = []
  for (const file of files as unknown[]) {
    if (pause.due()) await pause.now()
    const { path, size } = (file ?? {}) as { path?: unknown; size?: unknown }
    if (typeof path !== 'string' || !isSize(size)) {
      throw new HubRefusal(400, 'Each file needs a path and a size.')
    }
    const held = commit?.files.get(checkPath(path))
    // Clients learn from it that a file has not changed.
    const oid = held?.sha256 ?? held?.oid
    const mode = uploadMode(checkPath(path), size)
    const shouldIgnore = await isIgnored(path)
    listed.push({ path, uploadMode: mode, shouldIgnore, ...(oid !== undefined && { oid }) })
  }
  return longJsonAnswer({ files: listed.values() })
}

/** The `.gitignore` of a revision, which counts when a client sends none. */
async function ignoreFile(hub: HubContext, commit: Revision | undefined): Promise<string> {
  const entry = commit?.files.get('.gitignore')
  if (entry === undefined || entry.sha256 !== undefined) return ''
  const end = Math.min(entry.size, longestGitignore + 1)
  return new Response(hub.objects.readBlob(entry.oid, { start: 0, end })).text()
}

const MOST_COPIES = 10_000

/**
 * Says which large files of this repository may not be copied to another: JSON `{ target: { type, name }, files: [{ sha256 }] }`.
 * Nothing is copied here. Content is kept once, and the commit that follows names it by its SHA-256.
 */
async function checkCopies(c: HubRequest): Promise<Response> {
  const { hub } = c.env
  const { repo, rights } = c.var
  const { target, files } = await readJson(c.req.raw)
  const { type, name } = (target ?? {}) as { type?: unknown; name?: unknown }
  hub.guard.write(rights, await ownRepo(c, rights, readRepo(type, undefined, name)))
  if (!Array.isArray(files) || files.length > MOST_COPIES) {
    throw new HubRefusal(400, `files must be a list of at most ${MOST_COPIES}.`)
  }
  const failed: object[] = []
  for (const file of files as ({ sha256?: unknown } | null)[]) {
    const sha256 = textOf(file?.sha256)
    const known =
      /^[0-9a-f]{64}$/.test(sha256) &&
      (await hub.visibility.holds(repoKey(repo), 'large', sha256)) &&
      (await hub.objects.large(sha256)) !== undefined
    if (!known) failed.push({ sha256, error: 'This repository holds no such file.' })
  }
  return jsonAnswer({ failed })
}
