/** Below this many bytes a loop beats a call into the engine; 16 and 64 measure the same (Node 20). */
const SHORT = 32

/**
 * Repeats bytes that were already written: the match of an LZ4 sequence. Where the match is longer than its
 * offset it reads what it writes, so the pattern goes on.
 *
 * @param output holds the bytes and takes the copy
 * @param at where to write
 * @param offset how far back to read, `1 <= offset <= at`
 * @param length bytes to write; they fit
 */
export function copyMatch(output: Uint8Array, at: number, offset: number, length: number): void {
  const end = at + length
  if (length < SHORT) {
    for (let from = at - offset; at < end;) output[at++] = output[from++]!
    return
  }
  if (offset === 1) {
    output.fill(output[at - 1]!, at, end)
    return
  }
  const from = at - offset
  // Each round copies the whole pattern so far, so what is ready doubles.
  for (let ready = offset; at < end; ready = at - from) {
    output.copyWithin(at, from, from + Math.min(ready, end - at))
    at += Math.min(ready, end - at)
  }
}
