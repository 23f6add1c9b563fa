import type { Offer } from './Offer.ts'
import type { WorkerQuestion, WorkerReply } from './WorkerMessage.ts'

interface Waiting {
  resolve(answer: unknown): void
  reject(error: Error): void
}

/** The page's side of a worker that answers calls. */
export class WorkerClient<Work extends Offer<Work>> {
  readonly #worker: Worker
  readonly #name: string
  readonly #waiting = new Map<number, Waiting>()
  #last = 0

  /** @param name name of the worker in messages */
  constructor(worker: Worker, name: string) {
    this.#worker = worker
    this.#name = name
    worker.addEventListener('message', ({ data }: MessageEvent<WorkerReply>) => {
      const waiting = this.#waiting.get(data.id)
      if ('failure' in data) waiting?.reject(new Error(data.failure))
      else waiting?.resolve(data.answer)
    })
    worker.addEventListener('error', (event) => {
      const error = new Error(`The ${name}'s worker failed: ${event.message || 'not loaded'}`)
      for (const waiting of this.#waiting.values()) waiting.reject(error)
    })
  }

  /**
   * Calls the worker with a timeout: a hung worker must not hang the page.
   *
   * @param transfer objects to transfer to the worker
   * @throws Error with the worker's message, or at the timeout
   */
  async ask<Name extends keyof Work & string>(
    name: Name,
    argument: Parameters<Work[Name]>[0],
    timeoutMs: number,
    transfer: Transferable[] = [],
  ): Promise<Awaited<ReturnType<Work[Name]>>> {
    const id = (this.#last += 1)
    let timer: ReturnType<typeof setTimeout> | undefined
    try {
      const answer = await new Promise<unknown>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject })
        const late = new Error(`The ${this.#name} did not answer within ${timeoutMs / 1000} s.`)
        timer = setTimeout(() => reject(late), timeoutMs)
        const question: WorkerQuestion = { id, ask: name, argument }
        this.#worker.postMessage(question, transfer)
      })
      return answer as Awaited<ReturnType<Work[Name]>>
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(id)
    }
  }
}
