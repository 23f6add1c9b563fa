import { join } from 'node:path'
import { startDemo } from './server/startDemo.ts'

const MINUTE_MS = 60_000

function portOf(variable: string, usual: number): number {
  const port = Number(process.env[variable] ?? usual)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new Error(`${variable}=${process.env[variable]} is not a port: give a number up to 65535.`)
}

try {
  const started = performance.now()
  const demo = await startDemo({
    port: portOf('PORT', 5170),
    hubPort: portOf('HUB_PORT', 5171),
    storagePort: portOf('STORAGE_PORT', 5172),
    folder: join(import.meta.dirname, '../.demo'),
    urlLifetimeMs: 5 * MINUTE_MS,
  })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`hub      ${demo.hub.url}`)
  console.log(`storage  ${demo.hub.storageUrl}`)
  console.log(`demo     ${demo.url}   (ready after ${seconds} s; Ctrl-C ends it)`)
  const end = (): void => {
    demo.close().catch((error: unknown) => {
      console.error(error)
      process.exitCode = 1
    })
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
