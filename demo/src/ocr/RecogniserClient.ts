import type { Answer } from './Answer.ts'
import type { DecodedLine } from './decodeCtc.ts'
import type { WorkerQuestion, WorkerReply } from './WorkerMessage.ts'

/** A model of some megabytes over a slow line takes its time; a hung worker must not hang the page. */
const LOAD_TIMEOUT_MS = 10 * 60_000
const READ_TIMEOUT_MS = 60_000

type Load = Extract<WorkerQuestion, { ask: 'load' }>
type Unsent<Question> = Question extends { id: number } ? Omit<Question, 'id'> : never

interface Waiting {
  resolve(reply: WorkerReply): void
  reject(error: Error): void
}

/** The page's side of the recogniser's worker. */
export class RecogniserClient {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  #last = 0

  constructor() {
    this.#worker = new Worker(new URL('./recogniser.worker.ts', import.meta.url), {
      type: 'module',
      name: 'recogniser',
    })
    this.#worker.addEventListener('message', ({ data }: MessageEvent<WorkerReply>) => {
      if (data.reply === 'failed') this.#waiting.get(data.id)?.reject(new Error(data.message))
      else this.#waiting.get(data.id)?.resolve(data)
    })
    this.#worker.addEventListener('error', (event) => {
      const error = new Error(`The recogniser's worker failed: ${event.message || 'not loaded'}`)
      for (const waiting of this.#waiting.values()) waiting.reject(error)
    })
  }

  /** Fetches model and dictionary and makes the recogniser. */
  async load(files: Omit<Load, 'id' | 'ask'>): Promise<Answer[]> {
    const reply = await this.#ask({ ask: 'load', ...files }, [], LOAD_TIMEOUT_MS)
    return reply.reply === 'loaded' ? reply.answers : []
  }

  /** Reads a drawing. The bitmap goes to the worker and is of no use here afterwards. */
  async read(drawing: ImageBitmap): Promise<{ lines: DecodedLine[]; tookMs: number }> {
    const reply = await this.#ask({ ask: 'read', drawing }, [drawing], READ_TIMEOUT_MS)
    return reply.reply === 'read' ? reply : { lines: [], tookMs: 0 }
  }

  async #ask(
    question: Unsent<WorkerQuestion>,
    transfer: Transferable[],
    timeoutMs: number,
  ): Promise<WorkerReply> {
    const id = (this.#last += 1)
    let timer: ReturnType<typeof setTimeout> | undefined
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject })
        const late = new Error(`The recogniser did not answer within ${timeoutMs / 1000} s.`)
        timer = setTimeout(() => reject(late), timeoutMs)
        this.#worker.postMessage({ id, ...question }, transfer)
      })
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(id)
    }
  }
}
