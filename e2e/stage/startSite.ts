import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import type { SiteAnswer } from './SiteAnswer.ts'
import { closeServer, listenLocally } from './local-server.ts'

/** A tiny site: one page, and modelferry's three files at its root. */
export interface Site {
  readonly port: number
  /** URL of its page, with a trailing slash. */
  readonly url: string
  /** Answers by path; they can be changed at any time. */
  readonly answers: Map<string, SiteAnswer>
  /** Requested paths, in order. */
  readonly asked: string[]
  close(): Promise<void>
}

const { resolve } = createRequire(import.meta.url)

const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>stage</title>
<link rel="icon" href="data:,"><script src="/modelferry.js"></script><body>stage</body></html>`

/**
 * Starts a site on a free local port.
 *
 * @param first answers requests before the site does; returns false for requests that the site answers
 */
export async function startSite(
  first: (request: IncomingMessage, response: ServerResponse) => boolean = () => false,
): Promise<Site> {
  const answers = new Map<string, SiteAnswer>([
    ['/', { headers: { 'content-type': 'text/html; charset=utf-8' }, body: page }],
    ...['modelferry.js', 'modelferry-sw.js', 'modelferry-worker.js'].map(
      (name): [string, SiteAnswer] => [
        `/${name}`,
        {
          headers: {
            'content-type': 'text/javascript; charset=utf-8',
            'cache-control': 'no-cache',
          },
          body: readFileSync(resolve(`modelferry/${name}`)),
        },
      ],
    ),
  ])
  const asked: string[] = []
  const server = createServer((request, response) => {
    if (first(request, response)) return
    const { pathname } = new URL(request.url ?? '/', 'http://stage')
    asked.push(pathname)
    const answer = answers.get(pathname)
    if (answer === undefined) response.writeHead(404).end()
    else if (request.method === 'OPTIONS') response.writeHead(204, answer.headers).end()
    else
      setTimeout(
        () => response.writeHead(answer.status ?? 200, answer.headers).end(answer.body),
        answer.delayMs,
      )
  })
  const port = await listenLocally(server)
  return {
    port,
    url: `http://127.0.0.1:${port}/`,
    answers,
    asked,
    close: () => closeServer(server),
  }
}
