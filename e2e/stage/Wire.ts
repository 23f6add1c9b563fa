import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'

/** One request received by a server of this process, preflights included. */
export interface WireRequest {
  /** Origin of the server. */
  readonly origin: string
  readonly method: string
  /** With query. */
  readonly path: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

const topic = 'http.server.request.start'

/** All requests to any server of this process: the hub, its storage, sites. */
export class Wire {
  readonly requests: WireRequest[] = []
  readonly #note = (message: unknown): void => {
    const { method = '', url = '', headers } = (message as { request: IncomingMessage }).request
    this.requests.push({ origin: `http://${headers.host}`, method, path: url, headers })
  }

  constructor() {
    subscribe(topic, this.#note)
  }

  /** @param origin as `http://host:port` */
  to(origin: string): WireRequest[] {
    return this.requests.filter((request) => request.origin === origin)
  }

  close(): void {
    unsubscribe(topic, this.#note)
  }
}
