import type { FileInfo } from '../protocol/FileInfo.ts'
import type { Refusal } from '../protocol/Refusal.ts'

/** What a file is, or the answer that says why there is none. */
export type FileVerdict = { readonly info: FileInfo } | { readonly refusal: Refusal }
