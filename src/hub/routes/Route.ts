import type { RepoId } from '../git/RepoId.ts'

interface InRepo {
  readonly repo: RepoId
}
interface AtRevision extends InRepo {
  readonly revision: string
}

/** What a request is about, read off its path alone. */
export type Route =
  | (AtRevision & { readonly kind: 'resolve' | 'raw'; readonly path: string })
  | (AtRevision & { readonly kind: 'token'; readonly scope: 'read' | 'write' })
  | (AtRevision & { readonly kind: 'tree'; readonly path: string })
  | (AtRevision & { readonly kind: 'revision' | 'paths-info' | 'preupload' | 'commit' })
  | (InRepo & { readonly kind: 'batch' })
  | { readonly kind: 'create-repo' }
  | { readonly kind: 'reconstruction'; readonly version: 1 | 2; readonly hash: string }
  | { readonly kind: 'chunk' | 'xorb-upload' | 'file'; readonly hash: string }
  | { readonly kind: 'shard'; readonly version: 1 | 2 }
  | { readonly kind: 'xorb' | 'lfs'; readonly hash: string }
  | { readonly kind: 'control'; readonly action: string }
  | { readonly kind: 'unknown' }
