import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'

/** The site whose pages load the files. */
export interface Site {
  /** URL of a page with a separate origin for every name, so that each starts with empty storage. */
  page(name: string): string
  close(): Promise<void>
}

const { resolve } = createRequire(import.meta.url)
const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>bench</title>
<link rel="icon" href="data:,"><script src="/bench.js"></script><body>bench</body></html>`

/**
 * @param script of the page
 * @param more scripts, by their paths
 */
export async function startSite(
  script: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Site> {
  const workers = ['/modelferry-sw.js', '/modelferry-worker.js']
  const answers = new Map<string, [type: string, body: string | Buffer]>([
    ['/', ['text/html', html]],
    ['/bench.js', ['text/javascript', script]],
    ...workers.map((path): [string, [string, Buffer]] => [
      path,
      ['text/javascript', readFileSync(resolve(`modelferry${path}`))],
    ]),
    ...Object.entries(more).map(([path, body]): [string, [string, string]] => [
      path,
      ['text/javascript', body],
    ]),
  ])
  const server = createServer((request, response) => {
    const [type, body] = answers.get(request.url?.split('?', 1)[0] ?? '') ?? []
    if (type === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(body)
  })
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening)
  })
  const { port } = server.address() as AddressInfo
  return {
    // Browsers resolve every name below localhost to this machine and treat it as secure.
    page: (name) => `http://${name}.localhost:${port}/`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}
