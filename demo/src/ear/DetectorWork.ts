import type { Answer } from '../models/Answer.ts'

/** Where the voice detector's files are. */
export interface DetectorFiles {
  model: string
  /** Folder of onnxruntime's two files, ending in a slash. */
  runtime: string
}

/** A part of a clip, in order. */
export interface ClipPart {
  /** A whole number of windows, except at the end of the clip. */
  samples: Float32Array<ArrayBuffer>
  /** Whether a clip begins here. */
  first: boolean
}

/** The interface of the voice detector's worker. */
export interface DetectorWork {
  /** Fetches the model and makes the detector. */
  load(files: DetectorFiles): Promise<Answer>
  /** Processes the next part of a clip; returns the probability of speech, one per window. */
  hear(part: ClipPart): Promise<Float32Array<ArrayBuffer>>
}
