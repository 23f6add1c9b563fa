import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { extname } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { closeServer } from '../../e2e/stage/local-server.ts'

/** The site whose pages load the files. */
export interface Site {
  readonly port: number
  /**
   * URL of a page with a separate origin for every name, so that each starts with empty storage.
   *
   * @param port of a line before the site; absent: its own
   */
  page(name: string, port?: number): string
  close(): Promise<void>
}

const { resolve } = createRequire(import.meta.url)
const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>bench</title>
<link rel="icon" href="data:,"><script src="/bench.js" type="module"></script><body>bench</body></html>`

const types: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.wasm': 'application/wasm',
}

/**
 * @param script of the page
 * @param more files, by their paths
 * @param otherwise answers all other requests; absent: with 404
 */
export async function startSite(
  script: string,
  more: Readonly<Record<string, string | Buffer>> = {},
  otherwise?: (request: Request) => Promise<Response>,
): Promise<Site> {
  const workers = ['/modelferry-sw.js', '/modelferry-worker.js']
  const answers = new Map<string, [type: string, body: string | Buffer]>([
    ['/', ['text/html', html]],
    ['/bench.js', ['text/javascript', script]],
    ...workers.map((path): [string, [string, Buffer]] => [
      path,
      ['text/javascript', readFileSync(resolve(`modelferry${path}`))],
    ]),
    ...Object.entries(more).map(([path, body]): [string, [string, string | Buffer]] => [
      path,
      [types[extname(path)] ?? 'text/javascript', body],
    ]),
  ])
  const listener = otherwise && getRequestListener(otherwise, { overrideGlobalObjects: false })
  const server = createServer((request, response) => {
    const [type, body] = answers.get(request.url?.split('?', 1)[0] ?? '') ?? []
    if (type === undefined && listener) void listener(request, response)
    else if (type === undefined) response.writeHead(404).end()
    else {
      const charset = type === 'application/wasm' ? '' : '; charset=utf-8'
      response.writeHead(200, { 'content-type': `${type}${charset}` }).end(body)
    }
  })
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening)
  })
  const { port } = server.address() as AddressInfo
  return {
    // Browsers resolve every name below localhost to this machine and treat it as secure.
    page: (name, before = port) => `http://${name}.localhost:${before}/`,
    port,
    close: () => closeServer(server),
  }
}
