import { HubRefusal } from '../refusals.ts'
import { checkPath, checkRepoName, checkRevision } from '../storage/repos.ts'
import type { RepoId, Route } from '../hub.ts'

const LONGEST = 4096
const prefixes: Readonly<Record<string, RepoId['type']>> = {
  models: 'model',
  datasets: 'dataset',
  spaces: 'space',
}

/**
 * Says what a path asks for. The path is split before it is decoded, so that an encoded slash stays within
 * its part: that is how a branch such as `refs/pr/1` travels.
 *
 * @param pathname of the request's URL, still percent-encoded
 * @throws HubRefusal 400 or 404 for paths that are broken, climb, or name what cannot exist
 * @example parseRoute('/a/b/resolve/main/onnx/model.onnx').kind // 'resolve'
 */
export function parseRoute(pathname: string): Route {
  if (pathname.length > LONGEST) {
    throw new HubRefusal(414, `A path may have at most ${LONGEST} characters.`)
  }
  const parts = pathname.split('/').slice(1).map(decode)
  return (
    casRoute(parts) ??
    (parts[0] === 'api' ? apiRoute(parts.slice(1)) : undefined) ??
    fileRoute(parts) ?? { kind: 'unknown' }
  )
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new HubRefusal(400, 'The path holds a percent sign that encodes nothing.')
  }
}

function casRoute(parts: readonly string[]): Route | undefined {
  const [first = '', second = '', third = '', fourth = ''] = parts
  const version = first === 'v1' ? 1 : first === 'v2' ? 2 : undefined
  if (first === '-') return { kind: 'control', action: parts.slice(1).join('/') }
  if (first === 'xorbs' && parts.length === 3) return { kind: 'xorb', hash: checkHash(third) }
  if (first === 'lfs' && parts.length === 2) return { kind: 'lfs', hash: checkHash(second) }
  if (version === undefined) return undefined
  if (second === 'shards' && parts.length === 2) return { kind: 'shard', version }
  if (second === 'reconstructions' && parts.length === 3) {
    return { kind: 'reconstruction', version, hash: checkHash(third) }
  }
  if (version === 2) return undefined
  if (second === 'chunks' && parts.length === 4) return { kind: 'chunk', hash: checkHash(fourth) }
  if (second === 'xorbs' && parts.length === 4) {
    return { kind: 'xorb-upload', hash: checkHash(fourth) }
  }
  if (second === 'files' && parts.length === 3) return { kind: 'file', hash: checkHash(third) }
  return undefined
}

function apiRoute(parts: readonly string[]): Route | undefined {
  if (parts.join('/') === 'repos/create') return { kind: 'create-repo' }
  const type = prefixes[parts[0] ?? '']
  if (type === undefined) return undefined
  // `owner/name/verb/...` or `name/verb/...`; a bare name without a verb means its newest revision.
  const at = parts.findIndex((part, index) => index >= 2 && index <= 3 && verbs.has(part))
  const repo = { type, name: checkRepoName(parts.slice(1, at < 0 ? undefined : at).join('/')) }
  if (at < 0) return { kind: 'revision', repo, revision: 'main' }
  const verb = parts[at]!
  const revision = checkRevision(parts[at + 1] ?? 'main')
  const rest = parts.slice(at + 2).filter((part) => part !== '')
  if (verb === 'tree') {
    return {
      kind: 'tree',
      repo,
      revision,
      path: rest.length === 0 ? '' : checkPath(rest.join('/')),
    }
  }
  if (rest.length > 0) return undefined
  if (verb === 'xet-read-token') return { kind: 'token', repo, revision, scope: 'read' }
  if (verb === 'xet-write-token') return { kind: 'token', repo, revision, scope: 'write' }
  return { kind: verb as 'revision' | 'paths-info' | 'preupload' | 'commit', repo, revision }
}

const verbs: ReadonlySet<string> = new Set([
  'commit',
  'paths-info',
  'preupload',
  'revision',
  'tree',
  'xet-read-token',
  'xet-write-token',
])

function fileRoute(parts: readonly string[]): Route | undefined {
  const prefixed = parts[0] === 'datasets' || parts[0] === 'spaces'
  const type = (prefixed && prefixes[parts[0]!]) || 'model'
  const rest = prefixed ? parts.slice(1) : parts
  const git = rest.findIndex((part, index) => index <= 1 && part.endsWith('.git'))
  if (git >= 0 && rest.slice(git + 1).join('/') === 'info/lfs/objects/batch') {
    const name = checkRepoName(
      rest
        .slice(0, git + 1)
        .join('/')
        .slice(0, -'.git'.length),
    )
    return { kind: 'batch', repo: { type, name } }
  }
  const at = rest.findIndex(
    (part, index) => index >= 1 && index <= 2 && (part === 'resolve' || part === 'raw'),
  )
  if (at < 0 || rest.length < at + 3) return undefined
  return {
    kind: rest[at] as 'resolve' | 'raw',
    repo: { type, name: checkRepoName(rest.slice(0, at).join('/')) },
    revision: checkRevision(rest[at + 1]!),
    path: checkPath(rest.slice(at + 2).join('/')),
  }
}

function checkHash(text: string): string {
  if (!/^[0-9a-f]{64}$/.test(text)) {
    throw new HubRefusal(400, 'A hash must be 64 lower-case hex digits.')
  }
  return text
}
