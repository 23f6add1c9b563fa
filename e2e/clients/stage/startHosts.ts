import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { makeCertificate } from './makeCertificate.ts'

/** Who stands behind the well-known names. */
export type HostAnswer = (request: Request) => Promise<Response>

/** Well-known hosts on this machine: libraries that know no others can be run as they are. */
export interface Hosts {
  /** With these a Chromium finds these hosts here, over TLS, and no other host at all. */
  readonly chromiumArgs: readonly string[]
  /** Who answers from now on; undefined: connections are cut. */
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
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening)
  })
  const { port } = server.address() as AddressInfo
  const rules = names.map((name) => `MAP ${name}:443 127.0.0.1:${port}`)
  const hosts: Hosts = {
    chromiumArgs: [
      `--host-resolver-rules=${[...rules, 'MAP * ~NOTFOUND', 'EXCLUDE 127.0.0.1'].join(', ')}`,
      `--ignore-certificate-errors-spki-list=${keyHash}`,
    ],
    answer: undefined,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
  return hosts
}
