// Long work in slices: one request must not hold the event loop, and with it every other request, for longer than this.

const SLICE_MS = 12

let last = Promise.resolve()

/**
 * Lets waiting requests run. Of several pieces of long work, one goes on in each turn of the event loop: if all did, the
 * turn would be as long as their slices together.
 */
export function turn(): Promise<void> {
  last = last.then(() => new Promise((resolve) => setImmediate(resolve)))
  return last
}

/**
 * Makes a pause to be awaited between the steps of long work. Most calls return at once; after a slice of work one lets
 * waiting requests run first.
 *
 * @param every steps of work between two looks at the clock, which cost about as much as one small step; default: 64
 * @example const pause = pacer(); for (const row of rows) { if (pause.due()) await pause.now(); work(row) }
 */
export function pacer(every = 64): {
  readonly due: () => boolean
  readonly now: () => Promise<void>
} {
  let begun = performance.now()
  let steps = 0
  return {
    due: () => ++steps % every === 0 && performance.now() - begun > SLICE_MS,
    async now() {
      await turn()
      begun = performance.now()
    },
  }
}

/**
 * A JSON list as a body that is written in slices of bounded size, for lists that may be long.
 *
 * @param items what to list; made one at a time
 * @param around text before and behind the list; default: none
 */
export function jsonListStream(
  items: Iterable<unknown> | AsyncIterable<unknown>,
  around: readonly [before: string, behind: string] = ['', ''],
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const iterator =
    Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  let begun = false
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (begun) await turn()
        const until = performance.now() + SLICE_MS
        let text = begun ? '' : `${around[0]}[`
        while (text.length < 64 * 1024 && performance.now() < until) {
          const next = iterator.next()
          const { done, value } = next instanceof Promise ? await next : next
          if (done === true) {
            controller.enqueue(encoder.encode(`${text}]${around[1]}`))
            controller.close()
            return
          }
          text += (begun ? ',' : '') + JSON.stringify(value)
          begun = true
        }
        controller.enqueue(encoder.encode(text))
      },
      cancel: async () => void (await iterator.return?.()),
    },
    { highWaterMark: 0 },
  )
}

/**
 * The answer with such a list, which no cache keeps.
 *
 * @param headers further headers
 */
export function jsonListAnswer(
  items: Iterable<unknown> | AsyncIterable<unknown>,
  headers: Readonly<Record<string, string>> = {},
  around?: readonly [before: string, behind: string],
): Response {
  return new Response(jsonListStream(items, around), {
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      ...headers,
    },
  })
}
