import { FerryError } from '../core/index.ts'
import { pingPath } from './messages.ts'

/** The header with the reference in a loader's request. Its response carries the Authorization header. */
export const credentialHeader = 'x-modelferry-credential'

/** How long the service worker may take to answer, milliseconds: it is running, because it sent the question. */
const answerMs = 10_000

/**
 * Passes Authorization headers from the service worker to a loader. Every page of the origin can read the
 * BroadcastChannel, so a question carries only a reference. The loader resolves it by a request that the service
 * worker intercepts; only loader workers get an answer. See decision 0048.
 */
export class CredentialReferences {
  readonly #held = new Map<string, string>()

  /**
   * Holds a header while the work runs.
   *
   * @param authorization undefined: there is no header to hold
   * @param work receives the reference
   */
  async lend<T>(
    authorization: string | undefined,
    work: (reference: { readonly credential?: string }) => Promise<T>,
  ): Promise<T> {
    if (authorization === undefined) return await work({})
    const credential = crypto.randomUUID()
    this.#held.set(credential, authorization)
    try {
      return await work({ credential })
    } finally {
      this.#held.delete(credential)
    }
  }

  /**
   * The headers of the response to a loader's request.
   *
   * @param client that sent the request; undefined: unknown to the browser
   * @param worker URL of the loader worker; undefined: a file of the default name
   */
  answer(
    request: Pick<Request, 'headers'>,
    // Not `Client`: declarations of the page's entry include this file, and pages have no such type.
    client: { readonly type: string; readonly url: string } | undefined,
    worker: string | undefined,
  ): Record<string, string> {
    const reference = request.headers.get(credentialHeader)
    const held = reference === null ? undefined : this.#held.get(reference)
    if (held === undefined || client?.type !== 'worker') return {}
    const [script = ''] = client.url.split(/[?#]/, 1)
    const isLoader =
      worker === undefined ? script.endsWith('/modelferry-worker.js') : script === worker
    return isLoader ? { [credentialHeader]: held } : {}
  }
}

/**
 * Resolves a reference in a loader worker.
 *
 * @param scope scope of the service worker that made it
 * @throws FerryError `worker` when the service worker does not answer; it then continues without this loader
 */
export async function resolveCredential(scope: string, reference: string): Promise<string> {
  const answer = await fetch(scope + pingPath, {
    method: 'HEAD',
    headers: { [credentialHeader]: reference },
    signal: AbortSignal.timeout(answerMs),
  }).catch(() => undefined)
  const authorization = answer?.headers.get(credentialHeader)
  if (authorization) return authorization
  throw new FerryError(
    'worker',
    'The loader could not fetch the Authorization header of a request from the service worker.',
  )
}
