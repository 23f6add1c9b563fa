import { clientHeader } from '../protocol/clientHeader.ts'

/** How long the service worker may take: it may have to be started first, milliseconds. */
const answerMs = 3000

/**
 * By which id the service worker knows this page, so that the page's loader answers for it and no other one's.
 *
 * @param ping an address that the service worker answers
 * @returns undefined when it does not say
 */
export async function askClientId(ping: string): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(answerMs)
    const { headers } = await fetch(ping, { method: 'HEAD', signal })
    return headers.get(clientHeader) || undefined
  } catch {
    return undefined
  }
}
