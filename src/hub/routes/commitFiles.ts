import { HubRefusal } from '../answer/HubRefusal.ts'
import { jsonAnswer } from '../answer/jsonAnswer.ts'
import { readLines } from '../answer/readLines.ts'
import { checkPath } from '../git/checkPath.ts'
import type { FileEntry } from '../git/FileEntry.ts'
import { gitBlobId } from '../git/gitBlobId.ts'
import { pointerText } from '../git/pointerText.ts'
import type { RepoId } from '../git/RepoId.ts'
import { repoKey } from '../git/repoKey.ts'
import type { HubContext } from '../HubContext.ts'

const LONGEST_LINE = 32 * 1024 * 1024
const MOST_CHANGES = 100_000

interface Line {
  readonly key?: unknown
  readonly value?: Readonly<Record<string, unknown>>
}

/**
 * Commits files: newline-delimited JSON, a header first, then one line for each file.
 *
 * @param hub what handlers use
 * @param request the lines
 * @param repo where to
 * @param branch where to; made when it does not exist
 */
export async function commitFiles(
  hub: HubContext,
  request: Request,
  repo: RepoId,
  branch: string,
): Promise<Response> {
  hub.guard.write(request, repo)
  if (new URL(request.url).searchParams.get('create_pr') === '1') {
    throw new HubRefusal(400, 'This hub has no pull requests. Commit to a branch instead.')
  }
  const changes = new Map<string, FileEntry | null>()
  let title = 'Upload'
  let parent: string | undefined
  for await (const text of readLines(request.body, LONGEST_LINE)) {
    if (text.trim() === '') continue
    const { key, value = {} } = parseLine(text)
    if (key === 'header') {
      if (typeof value['summary'] === 'string') title = value['summary']
      if (typeof value['parentCommit'] === 'string') parent = value['parentCommit']
      continue
    }
    const path = checkPath(textOf(value['path']))
    changes.set(path, await readChange(hub, key, value, path))
    if (changes.size > MOST_CHANGES) {
      throw new HubRefusal(413, `A commit may change at most ${MOST_CHANGES} files.`)
    }
  }
  const { oid } = await hub.repos.commit(repo, branch, title, changes, parent)
  const commitUrl = `${hub.hubOrigin(request)}/${repoKey(repo)}/commit/${oid}`
  return jsonAnswer({ success: true, commitOid: oid, commitUrl, hookOutput: '' })
}

function parseLine(text: string): Line {
  try {
    return JSON.parse(text) as Line
  } catch {
    throw new HubRefusal(400, 'Each line of a commit must be JSON.')
  }
}

async function readChange(
  hub: HubContext,
  key: unknown,
  value: Readonly<Record<string, unknown>>,
  path: string,
): Promise<FileEntry | null> {
  if (key === 'deletedFile') return null
  if (key === 'file') {
    const encoding = value['encoding'] === 'base64' ? 'base64' : 'utf8'
    const bytes = Buffer.from(textOf(value['content']), encoding)
    return { oid: await hub.objects.putBlob(bytes), size: bytes.byteLength }
  }
  if (key !== 'lfsFile') throw new HubRefusal(400, `A commit cannot hold ${JSON.stringify(key)}.`)
  const sha256 = textOf(value['oid'])
  const large = /^[0-9a-f]{64}$/.test(sha256) ? await hub.objects.large(sha256) : undefined
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
