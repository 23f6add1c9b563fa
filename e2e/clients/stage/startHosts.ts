import { createServer } from 'node:https'
import { getRequestListener } from '@hono/node-server'
import { makeCertificate } from './makeCertificate.ts'
import { closeServer, listenLocally } from '../../stage/local-server.ts'

/** The server behind the well-known names. */
export type HostAnswer = (request: Request) => Promise<Response>

/** Well-known hosts, served locally, for libraries with fixed hosts. */
export interface Hosts {
  /** With these arguments Chromium resolves these hosts locally, over TLS, and no other host. */
  readonly chromiumArgs: readonly string[]
  /** The current server; undefined: connections are cut. */
  answer: HostAnswer | undefined
  close(): Promise<void>
}

/** Starts a TLS server of many names on a free port of this machine. */
export async function startHosts(names: readonly string[]): Promise<Hosts> {
  const { key, cert, keyHash } = makeCertificate(names)
  const listener = getRequestListener(
    async (request) => (await hosts.answer?.(request)) ?? new Response(null, { status: 502 }),
    { overrideGlobalObjects: false },
  )
  const server = createServer({ key, cert }, (incoming, outgoing) => {
    if (hosts.answer === undefined) incoming.destroy()
    else void listener(incoming, outgoing)
  })
  const port = await listenLocally(server)
  const rules = names.map((name) => `MAP ${name}:443 127.0.0.1:${port}`)
  const hosts: Hosts = {
    chromiumArgs: [
      `--host-resolver-rules=${[...rules, 'MAP * ~NOTFOUND', 'EXCLUDE 127.0.0.1'].join(', ')}`,
      `--ignore-certificate-errors-spki-list=${keyHash}`,
    ],
    answer: undefined,
    close: () => closeServer(server),
  }
  return hosts
}
