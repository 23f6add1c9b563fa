let answer: boolean | undefined

/** Whether this browser can transfer a stream to another realm; found out by doing it, once. */
export function transfersStreams(): boolean {
  answer ??= tryIt()
  return answer
}

function tryIt(): boolean {
  const stream = new ReadableStream()
  try {
    structuredClone(stream, { transfer: [stream] })
    return true
  } catch {
    return false
  }
}
