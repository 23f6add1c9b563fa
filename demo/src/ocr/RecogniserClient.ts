import { WorkerClient } from '../workers/WorkerClient.ts'
import type { RecogniserWork } from './RecogniserWork.ts'

/** Long enough for a model of some megabytes over a slow connection. */
const LOAD_TIMEOUT_MS = 10 * 60_000
const READ_TIMEOUT_MS = 60_000

/** The page's side of the recogniser's worker. */
export class RecogniserClient implements RecogniserWork {
  readonly #client: WorkerClient<RecogniserWork>

  constructor() {
    const worker = new Worker(new URL('./recogniser.worker.ts', import.meta.url), {
      type: 'module',
      name: 'recogniser',
    })
    this.#client = new WorkerClient(worker, 'recogniser')
  }

  load(files: Parameters<RecogniserWork['load']>[0]): ReturnType<RecogniserWork['load']> {
    return this.#client.ask('load', files, LOAD_TIMEOUT_MS)
  }

  /** The bitmap is transferred to the worker. */
  read(drawing: ImageBitmap): ReturnType<RecogniserWork['read']> {
    return this.#client.ask('read', drawing, READ_TIMEOUT_MS, [drawing])
  }
}
