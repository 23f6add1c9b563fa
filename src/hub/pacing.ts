// Long work in slices: one request must not hold the event loop, and with it every other request, for longer than this.

const SLICE_MS = 20
/** Reading the clock costs about as much as one small step of work. */
const STEPS = 64

/**
 * Makes a pause to be awaited between the steps of long work. Most calls return at once; after 20 ms of work one lets
 * waiting requests run first.
 *
 * @example const pause = pacer(); for (const row of rows) { if (pause.due()) await pause.now(); work(row) }
 */
export function pacer(): { readonly due: () => boolean; readonly now: () => Promise<void> } {
  let begun = performance.now()
  let steps = 0
  return {
    due: () => ++steps % STEPS === 0 && performance.now() - begun > SLICE_MS,
    async now() {
      await new Promise<void>((resolve) => setImmediate(resolve))
      begun = performance.now()
    },
  }
}

/**
 * A JSON list as a body that is written in slices of bounded size, for lists that may be long.
 *
 * @param items what to list; made one at a time
 */
export function jsonListStream(items: Iterable<unknown>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const iterator = items[Symbol.iterator]()
  let begun = false
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        await new Promise<void>((resolve) => setImmediate(resolve))
        const until = performance.now() + SLICE_MS
        let text = begun ? '' : '['
        while (text.length < 64 * 1024 && performance.now() < until) {
          const { done, value } = iterator.next()
          if (done === true) {
            controller.enqueue(encoder.encode(`${text}]`))
            controller.close()
            return
          }
          text += (begun ? ',' : '') + JSON.stringify(value)
          begun = true
        }
        controller.enqueue(encoder.encode(text))
      },
      cancel: () => void iterator.return?.(),
    },
    { highWaterMark: 0 },
  )
}
