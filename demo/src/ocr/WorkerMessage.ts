import type { Answer } from './Answer.ts'
import type { DecodedLine } from './decodeCtc.ts'

/** What the page asks of the recogniser's worker. Each question gets one reply with its `id`. */
export type WorkerQuestion =
  | { id: number; ask: 'load'; model: string; dictionary: string; runtime: string }
  | { id: number; ask: 'read'; drawing: ImageBitmap }

/** What the worker replies. */
export type WorkerReply =
  | { id: number; reply: 'loaded'; answers: Answer[] }
  | { id: number; reply: 'read'; lines: DecodedLine[]; tookMs: number }
  | { id: number; reply: 'failed'; message: string }
