import { packageEntries } from './packageEntries.ts'
import type { PackageEntry } from './packageEntries.ts'

/** One run of the bundler. */
export interface BuildPass {
  /** Vite's `--mode`. */
  readonly mode: string
  readonly kind: PackageEntry['kind']
  readonly entries: readonly PackageEntry[]
}

function modulesOf(kind: 'browser' | 'node'): BuildPass {
  return { mode: kind, kind, entries: packageEntries.filter((entry) => entry.kind === kind) }
}

/** The ES modules of one kind are built in one pass, so that they share chunks; every script has its own pass. */
export const buildPasses: readonly BuildPass[] = [
  modulesOf('browser'),
  modulesOf('node'),
  ...packageEntries
    .filter((entry) => entry.kind === 'script')
    .map((entry): BuildPass => ({ mode: entry.name, kind: 'script', entries: [entry] })),
]
