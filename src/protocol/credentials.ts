import { FerryError } from '../core/index.ts'
import type { ResponseHead } from '../net/index.ts'
import { pingPath } from './messages.ts'

/** The header with the reference in a loader's request. Its response carries the Authorization header, or what was lent. */
export const credentialHeader = 'x-modelferry-credential'

/** How long the service worker may take to answer, milliseconds: it is running, because it sent the question. */
const answerMs = 10_000

/** How long a response stays lent after the question was answered, milliseconds. */
const lendingMs = 3000

/** The response of a request that another realm or the page's own request makes; its body can be read once. */
export interface OwnResponse {
  /** Makes the request at the first call. @returns undefined when it failed, or is no longer needed */
  open(signal?: AbortSignal): Promise<ResponseHead | undefined>
  /** Bytes where a stream might be cut between realms unnoticed. Null when it has no body, or is no longer there. */
  body(
    signal?: AbortSignal,
  ): Promise<ReadableStream<Uint8Array<ArrayBuffer>> | Uint8Array<ArrayBuffer> | null>
}

/** The view of a client that sent a request; undefined: unknown to the browser. Pages have no type `Client`. */
type Sender = { readonly type: string; readonly url: string } | undefined

/**
 * Passes Authorization headers and responses from the service worker to a loader. Every page of the origin can read
 * the BroadcastChannel, so a question carries only a reference. The loader resolves it by a request that the service
 * worker intercepts; only loader workers get an answer. See decisions 0048 and 0087.
 */
export class CredentialReferences {
  /** Headers and responses by reference. */
  readonly #held = new Map<string, string | OwnResponse>()

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
   * Holds a response while the work runs, and for the download that may follow.
   *
   * @param own undefined: there is no response to hold
   * @param work receives the reference
   */
  async lendOwn<T>(
    own: OwnResponse | undefined,
    work: (reference: { readonly own?: string }) => Promise<T>,
  ): Promise<T> {
    if (own === undefined) return await work({})
    const reference = crypto.randomUUID()
    this.#held.set(reference, own)
    try {
      return await work({ own: reference })
    } finally {
      setTimeout(() => this.#held.delete(reference), lendingMs)
    }
  }

  /**
   * The answer to a loader's request: the lent header; of a lent response to HEAD its head, to GET its body.
   *
   * @param client that sent the request; undefined: unknown to the browser
   * @param worker URL of the loader worker; undefined: a file of the default name
   * @returns undefined when the request is for something else
   */
  async answer(
    { headers, method }: Pick<Request, 'headers' | 'method'>,
    client: Sender,
    worker: string | undefined,
  ): Promise<Response | undefined> {
    const held = this.#held.get(headers.get(credentialHeader) ?? '')
    if (held === undefined || !isLoader(client, worker)) return undefined
    const respond = (text: string, body: BodyInit | null = null): Response =>
      new Response(body, { headers: { [credentialHeader]: text } })
    if (typeof held === 'string') return respond(held)
    if (method !== 'HEAD') {
      const body = await held.body()
      return respond(body instanceof Uint8Array ? String(body.length) : 'stream', body)
    }
    const head = await held.open()
    return head && respond(encodeURIComponent(JSON.stringify(head)))
  }
}

function isLoader(client: Sender, worker: string | undefined): boolean {
  if (client?.type !== 'worker') return false
  const [script = ''] = client.url.split(/[?#]/, 1)
  return worker === undefined ? script.endsWith('/modelferry-worker.js') : script === worker
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
    'The service worker did not give the Authorization header of a request.',
  )
}

/**
 * A response that the service worker holds, for a loader.
 *
 * @param scope as above
 * @param reference from `lendOwn`
 */
export function lentResponse(scope: string, reference: string): OwnResponse {
  const ask = async (method: string, signal?: AbortSignal): Promise<Response> =>
    await fetch(scope + pingPath, {
      method,
      headers: { [credentialHeader]: reference },
      ...(signal && { signal }),
    })
  return {
    open: async (signal) => {
      const head = (await ask('HEAD', signal)).headers.get(credentialHeader)
      return head === null ? undefined : (JSON.parse(decodeURIComponent(head)) as ResponseHead)
    },
    body: async (signal) => {
      const answer = await ask('GET', signal)
      const kind = answer.headers.get(credentialHeader)
      if (kind === 'stream') return answer.body
      if (kind !== null) {
        const bytes = new Uint8Array(await answer.arrayBuffer())
        return String(bytes.length) === kind ? bytes : null
      }
      // Without that service worker the server answers, with a page that must not become the file.
      void answer.body?.cancel().catch(() => undefined)
      return null
    },
  }
}
