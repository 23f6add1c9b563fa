import { WorkerClient } from '../workers/WorkerClient.ts'
import type { DetectorFiles, DetectorWork } from './DetectorWork.ts'
import type { Answer } from '../models/Answer.ts'
import { windowSize } from './windowSize.ts'

/** Long enough for a model of some megabytes over a slow connection. */
const LOAD_TIMEOUT_MS = 10 * 60_000
const HEAR_TIMEOUT_MS = 60_000
/** About half a second of sound per part, so that the curve grows and another clip can replace this one. */
const PART = 16 * windowSize

/** The page's side of the voice detector's worker. */
export class DetectorClient {
  readonly #client: WorkerClient<DetectorWork>

  constructor() {
    const worker = new Worker(new URL('./detector.worker.ts', import.meta.url), {
      type: 'module',
      name: 'voice detector',
    })
    this.#client = new WorkerClient(worker, 'voice detector')
  }

  load(files: DetectorFiles): Promise<Answer> {
    return this.#client.ask('load', files, LOAD_TIMEOUT_MS)
  }

  /**
   * Processes a clip from its beginning, and yields probabilities of speech, one per window. When iteration stops,
   * the rest is not processed.
   */
  async *hear(samples: Float32Array<ArrayBuffer>): AsyncGenerator<Float32Array> {
    for (let start = 0; start < samples.length; start += PART) {
      const part = samples.slice(start, start + PART)
      const question = { samples: part, first: start === 0 }
      yield await this.#client.ask('hear', question, HEAR_TIMEOUT_MS, [part.buffer])
    }
  }
}
