import type { Answer } from '../models/Answer.ts'
import type { DecodedLine } from './decodeCtc.ts'

/** Where the recogniser's files are. */
export interface RecogniserFiles {
  model: string
  dictionary: string
  /** Folder of onnxruntime's two files, ending in a slash. */
  runtime: string
}

/** The interface of the recogniser's worker. */
export interface RecogniserWork {
  /** Fetches model and dictionary and makes the recogniser. */
  load(files: RecogniserFiles): Promise<Answer[]>
  /** Reads a drawing. */
  read(drawing: ImageBitmap): Promise<{ lines: DecodedLine[]; tookMs: number }>
}
