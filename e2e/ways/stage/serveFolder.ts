import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import { closeServer, listenLocally } from '../../stage/local-server.ts'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css',
  '.json': 'application/json',
}

/** A typical static server: files by path, `index.html` for a folder, otherwise 404. */
export interface FolderSite {
  /** With a trailing slash. */
  readonly url: string
  close(): Promise<void>
}

/**
 * @param folder the root of the served files
 * @param below path under which it is served, such as `/demos/one/`
 * @param more headers of every response
 */
export async function serveFolder(
  folder: string,
  below: string = '/',
  more: Readonly<Record<string, string>> = {},
): Promise<FolderSite> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://site')
    const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname
    const inside = path.startsWith(below) ? path.slice(below.length) : 'outside'
    const type = types[extname(path)] ?? 'application/octet-stream'
    const headers = { 'content-type': type, 'cache-control': 'no-cache', ...more }
    void readFile(join(folder, decodeURIComponent(inside))).then(
      (body) => response.writeHead(200, headers).end(body),
      () => response.writeHead(404, { 'content-type': 'text/plain' }).end('Not found.'),
    )
  })
  const port = await listenLocally(server)
  return {
    url: `http://127.0.0.1:${port}${below}`,
    close: () => closeServer(server),
  }
}
