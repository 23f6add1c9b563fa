import type { HeldRun } from './HeldRun.ts'

/** One line of a journal. `drop` takes back every run that shares a byte with it. */
export type JournalEntry =
  | { readonly kind: 'run'; readonly run: HeldRun }
  | { readonly kind: 'drop'; readonly offset: number; readonly length: number }
