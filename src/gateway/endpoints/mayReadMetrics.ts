import { digestOf } from '../../auth/digestOf.ts'
import { digestSet } from '../../auth/digestSet.ts'

const forwarded =
  /^(?:forwarded|via|x-forwarded-.*|x-real-ip|x-client-ip|x-cluster-client-ip|cf-connecting-ip|true-client-ip|fastly-client-ip)$/
const loopback = /^(?:127(?:\.\d{1,3}){3}|::1|::ffff:127(?:\.\d{1,3}){3})$/i
const localHost = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i

/**
 * Says who may read the counters: whoever has a token for it, and programs of this machine. Those are told from
 * what a proxy of this machine forwards by the headers it adds, and from pages that are open in a browser here by
 * theirs: such a page may have been loaded from anywhere.
 *
 * @param tokens SHA-256 of each token that may, 64 hex digits
 * @param forwardedHeader of the trusted proxies, lower-case
 */
export function mayReadMetrics(
  tokens: readonly string[] = [],
  forwardedHeader = 'x-forwarded-for',
): (request: Request, peer: string | null) => boolean {
  const isKnown = digestSet(tokens)
  return ({ headers, url }, peer) => {
    const token = /^bearer +([\w.~+/-]+=*)$/i.exec(headers.get('authorization') ?? '')?.[1]
    if (token !== undefined) return isKnown(digestOf(token))
    if (peer === null || !loopback.test(peer)) return false
    if (!localHost.test(new URL(url).hostname)) return false
    for (const [name] of headers) {
      if (forwarded.test(name) || name === forwardedHeader) return false
      // Node's fetch sends sec-fetch-mode too; only browsers say from which site a request comes.
      if (name === 'origin' || name === 'sec-fetch-site') return false
    }
    return true
  }
}
