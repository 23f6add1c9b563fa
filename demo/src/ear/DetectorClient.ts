import { WorkerClient } from '../workers/WorkerClient.ts'
import type { DetectorFiles, DetectorWork } from './DetectorWork.ts'
import type { Answer } from '../models/Answer.ts'
import { windowSize } from './windowSize.ts'

/** A model of some megabytes over a slow line takes its time. */
const LOAD_TIMEOUT_MS = 10 * 60_000
const HEAR_TIMEOUT_MS = 60_000
/** About half a second of sound at a time, so that the curve grows and another clip can take over. */
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
   * Listens to a clip from its beginning, and gives probabilities of speech, one a window, as they come.
   * Stop asking for more and the rest goes unheard.
   */
  async *hear(samples: Float32Array<ArrayBuffer>): AsyncGenerator<Float32Array> {
    for (let start = 0; start < samples.length; start += PART) {
      const part = samples.slice(start, start + PART)
      const question = { samples: part, first: start === 0 }
      yield await this.#client.ask('hear', question, HEAR_TIMEOUT_MS, [part.buffer])
    }
  }
}
