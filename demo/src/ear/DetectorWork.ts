import type { Answer } from '../models/Answer.ts'

/** Where the voice detector's files are. */
export interface DetectorFiles {
  model: string
  /** Folder of onnxruntime's two files, ending in a slash. */
  runtime: string
}

/** A stretch of a clip, to be heard after the one before. */
export interface ClipPart {
  /** A whole number of windows, except at the end of the clip. */
  samples: Float32Array<ArrayBuffer>
  /** Whether a clip begins here. */
  first: boolean
}

/** What the voice detector's worker does for the page. */
export interface DetectorWork {
  /** Fetches the model and makes the detector. */
  load(files: DetectorFiles): Promise<Answer>
  /** Listens to the next part of a clip; gives the probability of speech, one a window. */
  hear(part: ClipPart): Promise<Float32Array<ArrayBuffer>>
}
