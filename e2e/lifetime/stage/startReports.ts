import { createServer } from 'node:http'
import { closeServer, listenLocally } from '../../stage/local-server.ts'

/** Receives the report of a page that no debugger observes. */
export interface Reports {
  readonly url: string
  /** @throws Error when none arrives in time */
  next(limitMs: number): Promise<string>
  close(): Promise<void>
}

/** Receives one report on a free port, separate from the requests of the site. */
export async function startReports(): Promise<Reports> {
  let take: ((report: string) => void) | undefined
  const report = new Promise<string>((resolve) => (take = resolve))
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      response.writeHead(204).end()
      if (request.method === 'POST') take?.(Buffer.concat(parts).toString())
    })
  })
  const port = await listenLocally(server)
  return {
    url: `http://127.0.0.1:${port}/`,
    next: async (limitMs) => {
      let timer: ReturnType<typeof setTimeout> | undefined
      const late = new Promise<never>((_, reject) => {
        const words = `The page did not report within ${limitMs / 1000} s.`
        timer = setTimeout(() => reject(new Error(words)), limitMs)
      })
      try {
        return await Promise.race([report, late])
      } finally {
        clearTimeout(timer)
      }
    },
    close: () => closeServer(server),
  }
}
