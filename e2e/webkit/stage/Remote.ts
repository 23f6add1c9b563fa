import { once } from 'node:events'
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { within } from './within.ts'
import type { Order, Saying } from './followCommands.ts'

/** Time limit for a page load or one command, milliseconds. */
const patienceMs = 45_000

interface Open {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** Controls a page without a driver: the page polls for commands, see `followCommands`. */
export class Remote {
  readonly #server = createServer((request, response) => {
    void text(request).then((body) => this.#hear(JSON.parse(body) as Saying, response))
  })
  #orders = 0
  /** The open page, and the previous one, which may continue to poll for a moment. */
  #page: string | undefined
  #left: string | undefined
  #arrived: (() => void) | undefined
  /** The open poll of the page, while there is no command. */
  #asking: ServerResponse | undefined
  /** Commands not sent yet. */
  #next: Order[] = []
  readonly #open = new Map<number, Open>()

  /** @returns a listening instance */
  static async open(): Promise<Remote> {
    const remote = new Remote()
    remote.#server.listen(0, '127.0.0.1')
    await once(remote.#server, 'listening')
    return remote
  }

  /** URL that its page polls. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  /** Runs `leave`, which loads a page, and waits until that page polls for commands. */
  async arrival(leave: () => Promise<unknown>): Promise<void> {
    const arrived = new Promise<void>((resolve) => (this.#arrived = resolve))
    this.#left = this.#page
    await Promise.all([leave(), within(patienceMs, arrived, 'The page did not load')])
  }

  /** Runs work in the page. */
  async send(work: string, input?: unknown): Promise<unknown> {
    const id = ++this.#orders
    const done = new Promise<unknown>((resolve, reject) => this.#open.set(id, { resolve, reject }))
    this.#next.push({ id, work, input })
    this.#give()
    return await within(patienceMs, done, 'The page did not finish a command')
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  #hear({ page, done, value, error }: Saying, response: ServerResponse): void {
    response.setHeader('access-control-allow-origin', '*')
    if (done !== undefined) {
      const open = this.#open.get(done)
      if (error === undefined) open?.resolve(value)
      else open?.reject(new Error(error))
      this.#open.delete(done)
      response.end()
    } else if (page !== this.#left) {
      if (page !== this.#page) this.#abandon()
      this.#page = page
      this.#asking = response
      this.#arrived?.()
      this.#give()
    }
  }

  /** Rejects the open commands of the previous page. */
  #abandon(): void {
    for (const { reject } of this.#open.values()) reject(new Error('The page was left.'))
    this.#open.clear()
  }

  #give(): void {
    if (this.#asking === undefined) return
    const order = this.#next.shift()
    if (order === undefined) return
    this.#asking.end(JSON.stringify(order))
    this.#asking = undefined
  }
}
