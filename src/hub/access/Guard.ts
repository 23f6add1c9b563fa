import type { RepoId } from '../git/RepoId.ts'

/** Decides who may do what. Every method returns quietly or throws the hub's own refusal. */
export interface Guard {
  /** Changeable at any time; names as `repoKey` writes them. */
  readonly gated: Set<string>
  readonly private: Set<string>
  /** Whether a repository may be seen: its listings and metadata. */
  see(request: Request, repo: RepoId): void
  /** Whether its files may be read. */
  read(request: Request, repo: RepoId): void
  /** Whether it may be created and changed. */
  write(request: Request, repo: RepoId): void
  /** Whether files may be read; asks instead of throwing. */
  mayRead(request: Request, repo: RepoId): boolean
}
