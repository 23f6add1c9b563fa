// Splits long work into time slices: one request must not block the event loop, and so all other requests, for longer
// than a slice.

const SLICE_MS = 12

let last = Promise.resolve()

/**
 * Lets waiting requests run. Of several long tasks, only one continues in each turn of the event loop: otherwise a
 * turn would be as long as all their slices together.
 */
export function turn(): Promise<void> {
  last = last.then(() => new Promise((resolve) => setImmediate(resolve)))
  return last
}

/**
 * Makes a pause to await between the steps of long work. Most calls return at once; after a slice of work a call lets
 * waiting requests run first.
 *
 * @param every steps of work between two reads of the clock, each of which costs about as much as a small step; default: 64
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
 * Sorts as `toSorted` does, in slices.
 *
 * @param compare as for `toSorted`
 */
export async function sorted<Item>(
  items: readonly Item[],
  compare: (one: Item, other: Item) => number,
): Promise<Item[]> {
  const pause = pacer()
  let runs: Item[][] = []
  for (let at = 0; at < items.length; at += RUN) {
    runs.push(items.slice(at, at + RUN).toSorted(compare))
    await turn()
  }
  while (runs.length > 1) {
    const merged: Item[][] = []
    for (let at = 0; at < runs.length; at += 2) {
      const [one, other = []] = runs.slice(at, at + 2) as [Item[], Item[]?]
      const both: Item[] = []
      for (let left = 0, right = 0; left < one.length || right < other.length;) {
        if (pause.due()) await pause.now()
        const isLeft =
          right === other.length || (left < one.length && compare(one[left]!, other[right]!) <= 0)
        both.push(isLeft ? one[left++]! : other[right++]!)
      }
      merged.push(both)
    }
    runs = merged
  }
  return runs[0] ?? []
}

const RUN = 2048

/**
 * A JSON answer that may be long: written in slices, while other requests run.
 *
 * @param value as for `JSON.stringify`; generators within it, sync or async, become lists, made one item at a time
 * @param headers further headers; they win over the defaults
 * @example longJsonAnswer({ id, siblings: siblingsOf(commit) })
 */
export function longJsonAnswer(
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const type = { 'content-type': 'application/json; charset=utf-8' }
  return longAnswer(piecesOf(value), { ...type, ...headers })
}

/**
 * An answer of text that may be long: written in slices, while other requests run.
 *
 * @param pieces of the text, made one at a time
 * @param headers further headers, with the type
 * @example longAnswer(linesOf(commit), { 'content-type': 'text/plain' })
 */
export async function longAnswer(
  pieces: Generator<string, void> | AsyncGenerator<string, void>,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const encoder = new TextEncoder()
  const slice = async (): Promise<{
    readonly bytes: Uint8Array<ArrayBuffer>
    readonly done: boolean
  }> => {
    const until = performance.now() + SLICE_MS
    let text = ''
    while (text.length < SLICE_LENGTH && performance.now() < until) {
      const next = await pieces.next()
      if (next.done === true) return { bytes: encoder.encode(text), done: true }
      text += next.value
    }
    return { bytes: encoder.encode(text), done: false }
  }
  const first = await slice()
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start: (controller) => controller.enqueue(first.bytes),
      async pull(controller) {
        await turn()
        const { bytes, done } = await slice()
        controller.enqueue(bytes)
        if (done) controller.close()
      },
      cancel: async () => void (await pieces.return()),
    },
    { highWaterMark: 0 },
  )
  return new Response(first.done ? first.bytes : body, {
    headers: {
      'cache-control': 'no-store',
      ...(first.done && { 'content-length': String(first.bytes.byteLength) }),
      ...headers,
    },
  })
}

const SLICE_LENGTH = 64 * 1024

async function* piecesOf(value: unknown): AsyncGenerator<string, void> {
  if (isGenerator(value)) {
    let before = '['
    for await (const item of value) {
      if (isLazy(item)) {
        yield before
        yield* piecesOf(item)
      } else yield before + JSON.stringify(item)
      before = ','
    }
    yield before === '[' ? '[]' : ']'
  } else if (isLazy(value)) {
    let before = '{'
    for (const [name, member] of Object.entries(value as object)) {
      if (member === undefined) continue
      yield `${before}${JSON.stringify(name)}:`
      yield* piecesOf(member)
      before = ','
    }
    yield '}'
  } else yield JSON.stringify(value)
}

/** Whether a generator is in it. Not looked for in arrays. */
function isLazy(value: unknown): boolean {
  if (isGenerator(value)) return true
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).some(isLazy)
}

function isGenerator(value: unknown): value is Generator | AsyncGenerator {
  return (
    typeof value === 'object' &&
    value !== null &&
    'next' in value &&
    (Symbol.iterator in value || Symbol.asyncIterator in value)
  )
}
