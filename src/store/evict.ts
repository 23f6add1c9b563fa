import type { CatalogFile } from './CatalogFile.ts'

/** An answer made from a file may still be read this long after the file was last handed out. */
const answerMs = 10 * 60_000
/** `lastUsed` is exact to this. */
const touchMs = 60_000

/** What decides who has to go. */
interface EvictionQuestion {
  readonly files: readonly CatalogFile[]
  /** Bytes that have to become free. */
  readonly need: number
  /** Epoch milliseconds. */
  readonly now: number
  /** Content ids somebody is at work on. */
  readonly busy: ReadonlySet<string>
}

/**
 * Picks the files to be evicted: complete, unpinned, not in use, longest unused first, and none whose going
 * would make no difference.
 *
 * @returns undefined when everything that may go is not enough: then nothing should go
 */
export function evict(question: EvictionQuestion): readonly CatalogFile[] | undefined {
  const { files, need, now, busy } = question
  const candidates = files
    .filter((file) => file.state === 'complete' && !file.pinned && !busy.has(file.content))
    .filter((file) => now - file.lastUsed > answerMs + touchMs)
    .toSorted((a, b) => a.lastUsed - b.lastUsed)
  const chosen: CatalogFile[] = []
  let freed = 0
  for (const file of candidates) {
    if (freed >= need) break
    chosen.push(file)
    freed += file.size
  }
  if (freed < need) return undefined
  return chosen.toReversed().filter((file) => {
    if (freed - file.size < need) return true
    freed -= file.size
    return false
  })
}
