import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { createRequestVerifier, openDecision } from 'modelferry/auth'
import { listenLocally } from './local-server.ts'

/** The credential with which the gateway signs requests to the service. */
export const textCredential = {
  keyId: 'gateway-1',
  secret: 'a secret of the test, 32 bytes or more',
} as const

/** A service without models. */
export interface TextService {
  readonly url: string
  /** Queue keys of the answered requests. */
  readonly served: readonly string[]
  close(): void
}

/** Returns the caller of a verified request, after the number of milliseconds in the body. */
export async function startTextService(): Promise<TextService> {
  const verify = createRequestVerifier([textCredential])
  const served: string[] = []
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const headers = new Headers()
    for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value))
    const init: RequestInit & { duplex: 'half' } = {
      method: incoming.method ?? 'POST',
      headers,
      body: Readable.toWeb(incoming) as BodyInit,
      duplex: 'half',
    }
    const url = `http://${incoming.headers.host}${incoming.url}`
    const opened = await openDecision(new Request(url, init), verify)
    if (opened.state !== 'trusted') {
      outgoing.writeHead(401).end()
      return
    }
    const { ms = 0 } = JSON.parse(new TextDecoder().decode(opened.body)) as { ms?: number }
    served.push(opened.decision.queueKey ?? '')
    await new Promise((later) => setTimeout(later, ms))
    const { tier, subject } = opened.decision
    const body = JSON.stringify({ tier, subject, headers: [...headers.keys()] })
    outgoing.writeHead(200, { 'content-type': 'application/json' }).end(body)
  }
  const server = createServer((incoming, outgoing) => void answer(incoming, outgoing))
  const port = await listenLocally(server)
  return {
    url: `http://127.0.0.1:${port}`,
    served,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
