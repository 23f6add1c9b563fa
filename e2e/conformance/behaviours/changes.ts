import type { Behaviour } from '../behaviour.ts'
import { send } from '../behaviour.ts'
import { madeBytes } from '../made-bytes.ts'

const large = 8_600_000
const requests = ['whole', 'worker', 'cancel']

/** Servers whose file changes while it is read. */
export const changes: readonly Behaviour[] = (['hidden', 'exposed'] as const).flatMap((place) =>
  (['one-etag', 'no-etag', 'its-etag'] as const).map((kind): Behaviour => ({
    name: `changes-in-mid-load-${kind}`,
    place,
    size: large,
    requests,
    changes: true,
    alsoTrue: another,
    answer: (exchange) => {
      const { nth, visit, file } = exchange
      const before = visit !== 'first' || nth <= 2
      const body = before ? file : another(file.length)
      const own = before ? exchange.etag : '"another"'
      const etag = { 'one-etag': '"one"', 'no-etag': undefined, 'its-etag': own }[kind]
      send(exchange, { etag, 'cache-control': 'no-store' }, body)
    },
  })),
)

function another(size: number): Buffer {
  return madeBytes('another', size)
}
