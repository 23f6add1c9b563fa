import type { Behaviour, Exchange } from '../behaviour.ts'
import { send } from '../behaviour.ts'

const size = 4_500_000
const requests = ['whole', 'worker', 'cancel']
const dates = [22, 23, 24].map((day) => new Date(Date.UTC(2026, 10, day)).toUTCString())

type Headers = Readonly<Record<string, string | undefined>>

/** What a server says about the file before the change, after it, and at later visits. */
const validators: Readonly<Record<string, (etag: string) => readonly [Headers, Headers, Headers]>> =
  {
    'one-etag': (etag) => [
      { etag: '"one"', 'last-modified': dates[0] },
      { etag: '"one"', 'last-modified': dates[1] },
      { etag, 'last-modified': dates[2] },
    ],
    'one-date': () => [
      { etag: undefined, 'last-modified': dates[0] },
      { etag: undefined, 'last-modified': dates[0] },
      { etag: undefined, 'last-modified': dates[1] },
    ],
    'its-etag': (etag) => [{ etag }, { etag: '"changed"' }, { etag }],
  }

/** Servers whose file changes in parts while it is read, after a first response that is cut. */
export const changes: readonly Behaviour[] = (['hidden', 'exposed'] as const).flatMap((place) =>
  Object.entries(validators).map(([kind, saying]): Behaviour => ({
    name: `changes-in-mid-load-${kind}`,
    place,
    size,
    requests,
    changes: true,
    cuts: true,
    // After a cancel or a cut, most of them send nothing that continues the bytes.
    badRanges: true,
    mostTimesSize: 1.2,
    alsoTrue: partlyChanged,
    answer: (exchange) => {
      const { nth, visit, file, etag } = exchange
      const [before, after, later] = saying(etag)
      if (visit !== 'first') send(exchange, { ...later, 'cache-control': 'no-cache' })
      else if (nth === 1) cut(exchange, { ...before, 'cache-control': 'no-cache' })
      else send(exchange, { ...after, 'cache-control': 'no-cache' }, partlyChanged(file))
    },
  })),
)

/** The same bytes but for two places: nothing differs where a second response would continue the first. */
function partlyChanged(file: Buffer): Buffer {
  const changed = Buffer.from(file)
  for (const at of [1000, 4_000_000]) changed.fill(7, at, at + 1000)
  return changed
}

/** Sends the beginning of the file, then closes the connection. */
function cut({ response, file }: Exchange, headers: Headers): void {
  const all = Object.entries({ 'accept-ranges': 'bytes', ...headers })
  const known = all.filter(([, value]) => value !== undefined)
  response.writeHead(200, { ...Object.fromEntries(known), 'content-length': file.length })
  response.write(file.subarray(0, 3_000_000), () => setTimeout(() => response.destroy(), 50))
}
