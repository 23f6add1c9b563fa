import type { ContentRange } from './ContentRange.ts'

/** What a `MultipartReader` reports: the start of a part, then its bytes in order. */
export type MultipartEvent =
  | ({ readonly type: 'part' } & ContentRange)
  /** A view of the pushed bytes: copy it before the buffer is used again. */
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
