import type { ServerResponse } from 'node:http'

/**
 * Writes an answer to its connection, as fast as the other end takes it. A body that fails on its way ends as a
 * broken connection, and as nothing else: an end that looks like one would pass for the whole file.
 *
 * @param response its body is read here, and cancelled when the connection closes
 * @param outgoing nothing was written to it
 * @returns when nothing more is written; rejects only as long as nothing was
 */
export async function sendAnswer(response: Response, outgoing: ServerResponse): Promise<void> {
  const reader = response.body?.getReader()
  outgoing.writeHead(response.status, [...response.headers].flat())
  if (reader === undefined) return void outgoing.end()

  let begun = false
  let goOn: (() => void) | undefined
  const leave = (): void => {
    reader.cancel().catch(() => undefined)
    goOn?.()
  }
  outgoing.on('drain', () => goOn?.())
  outgoing.once('close', leave)
  // A body that is there already leaves together with its head; the head of another one does not wait for it.
  process.nextTick(() => {
    if (!begun) outgoing.flushHeaders()
  })
  try {
    if (outgoing.destroyed) leave()
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      begun = true
      if (outgoing.destroyed) return
      if (!outgoing.write(part.value)) await new Promise<void>((resolve) => (goOn = resolve))
    }
    begun = true
    outgoing.end()
  } catch {
    outgoing.destroy()
  }
}
