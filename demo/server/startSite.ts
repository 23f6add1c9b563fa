import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Manifest } from '../src/Manifest.ts'
import { answerFile } from './answerFile.ts'
import { siteFile } from './siteFile.ts'

/** A site that is being served. */
export interface RunningSite {
  /** Its origin. */
  url: string
  close(): Promise<void>
}

/**
 * Serves the built page, modelferry's workers, onnxruntime's files and `/demo.json`, on this machine
 * only.
 *
 * @param port 0 for any free one
 * @throws the system's error when the port is unavailable; its `code` says why
 */
export async function startSite(port: number, manifest: Manifest): Promise<RunningSite> {
  const server = createServer((request, response) => {
    answer(request, response, manifest).catch((error: unknown) => {
      // A client that disconnects mid-file is not an error of the site.
      if (response.destroyed) return
      const missing = ['ENOENT', 'MODULE_NOT_FOUND'].includes(
        (error as NodeJS.ErrnoException).code ?? '',
      )
      if (!missing) console.error(error)
      if (response.headersSent) response.destroy()
      else if (missing) refuse(response, 404, 'not found: build the package, then the demo')
      else refuse(response, 500, 'the demo failed: see its terminal')
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
  })
  const { port: taken } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${taken}`, close: () => close(server) }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  manifest: Manifest,
): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://site')
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    refuse(response, 405, 'only GET and HEAD')
  } else if (pathname === '/demo.json') {
    response.setHeader('content-type', 'application/json; charset=utf-8')
    response.setHeader('cache-control', 'no-cache')
    response.end(JSON.stringify(manifest))
  } else {
    const path = siteFile(pathname)
    if (path === undefined) refuse(response, 404, `no ${pathname} here`)
    else await answerFile(request, response, path, pathname.startsWith('/assets/'))
  }
}

function refuse(response: ServerResponse, status: number, words: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${words}\n`)
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeAllConnections()
  await closed
}
