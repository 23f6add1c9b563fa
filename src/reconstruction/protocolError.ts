import * as v from 'valibot'
import { FerryError } from '../core/FerryError.ts'

/**
 * Says which field of an answer breaks the protocol. Texts are never quoted: a field in the wrong place
 * may be a token or a signed address.
 *
 * @param what which answer: "The reconstruction"
 * @param issue the first one valibot found
 * @param url the address asked
 */
export function protocolError(
  what: string,
  issue: v.BaseIssue<unknown>,
  url: string | undefined,
): FerryError {
  const field = v.getDotPath(issue) ?? 'the answer itself'
  const seen = typeof issue.input === 'number' ? `${issue.input}` : typeof issue.input
  const wanted = issue.type === 'check' ? issue.message : `expected ${issue.expected ?? issue.type}`
  return new FerryError(
    'protocol',
    `${what} does not follow the protocol: ${field} is ${seen}, ${wanted}. Nothing was stored; report it to whoever runs the server.`,
    url === undefined ? {} : { url },
  )
}
