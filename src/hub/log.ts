import type { LogEntry, HubLog } from './hub.ts'

/** Logs a response, and counts the bytes of its body. */
export type LogFollower = (entry: Omit<LogEntry, 'bytes' | 'done'>, response: Response) => Response

const MOST_ENTRIES = 10_000

type Mutable = { -readonly [Key in keyof LogEntry]: LogEntry[Key] }

/**
 * Makes the log of a hub.
 *
 * @returns the log, and the function that adds responses to it
 */
export function createLog(): { log: HubLog; follow: LogFollower } {
  const entries: LogEntry[] = []
  const listeners = new Set<(entry: LogEntry) => void>()
  const log: HubLog = {
    entries,
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    clear: () => void entries.splice(0),
  }
  return {
    log,
    follow(given, response) {
      const entry: Mutable = { ...given, bytes: 0, done: false }
      entries.push(entry)
      if (entries.length > MOST_ENTRIES) entries.shift()
      const finish = (): void => {
        entry.done = true
        for (const listener of listeners) listener(entry)
      }
      if (response.body === null) {
        finish()
        return response
      }
      return new Response(count(response.body, entry, finish), response)
    },
  }
}

function count(
  body: ReadableStream<Uint8Array>,
  entry: Mutable,
  finish: () => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (done) {
            finish()
            controller.close()
          } else {
            entry.bytes += value.byteLength
            controller.enqueue(value)
          }
        } catch (error) {
          finish()
          throw error
        }
      },
      async cancel(reason) {
        finish()
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}
