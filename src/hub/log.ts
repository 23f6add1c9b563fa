/** The log of the hub's responses. Entries of running responses are updated. */
export interface HubLog {
  /** Oldest first; the newest 10,000. */
  readonly entries: readonly LogEntry[]
  /**
   * Calls `listener` for every finished response.
   *
   * @returns a function that removes the listener
   */
  listen(listener: (entry: LogEntry) => void): () => void
  /** Removes all entries; those of running responses do not come back. */
  clear(): void
}

/** One logged request. It contains no query and no token. */
export interface LogEntry {
  /** Epoch milliseconds of its arrival, by the hub's clock. */
  readonly at: number
  readonly origin: HubOrigin
  /** `preflight` for OPTIONS. */
  readonly kind: RequestKind | 'preflight'
  readonly method: string
  /** Without query. */
  readonly path: string
  /** `Range` as sent, or null. */
  readonly range: string | null
  readonly status: number
  /** Whether an `Authorization` header was sent. */
  readonly authorization: boolean
  /** Bytes of the request's body, as announced. */
  readonly received: number
  /** Bytes of the response's body that were sent so far. */
  readonly bytes: number
  /** Whether the response has ended: delivered, aborted or cancelled. */
  readonly done: boolean
}

/** Kinds of requests, in logs and faults. */
export type RequestKind =
  | 'resolve'
  | 'raw'
  | 'token'
  | 'tree'
  | 'listing'
  | 'revision'
  | 'paths-info'
  | 'preupload'
  | 'commit'
  | 'batch'
  | 'create-repo'
  | 'delete-repo'
  | 'move-repo'
  | 'list-repos'
  | 'refs'
  | 'lfs-files'
  | 'reconstruction'
  | 'chunk'
  | 'xorb-upload'
  | 'file'
  | 'shard'
  | 'xorb'
  | 'lfs'
  | 'settings'
  | 'account'
  | 'commits'
  | 'absent'
  /** What clients send besides their work and can do without, such as telemetry. */
  | 'optional'
  | 'control'
  | 'unknown'

/** The origin at which a request arrived: hub and CAS, or presigned storage. */
export type HubOrigin = 'hub' | 'storage'

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
