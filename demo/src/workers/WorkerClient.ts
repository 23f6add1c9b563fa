import type { Offer } from './Offer.ts'
import type { WorkerQuestion, WorkerReply } from './WorkerMessage.ts'

interface Waiting {
  resolve(answer: unknown): void
  reject(error: Error): void
}

/** The page's side of a worker that answers questions. */
export class WorkerClient<Work extends Offer<Work>> {
  readonly #worker: Worker
  readonly #name: string
  readonly #waiting = new Map<number, Waiting>()
  #last = 0

  /** @param name what the worker is, for messages to people */
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
   * Asks, and waits for the answer: a hung worker must not hang the page.
   *
   * @param transfer what goes to the worker and is of no use here afterwards
   * @throws Error with the worker's own words, or when it is late
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
