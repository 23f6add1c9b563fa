import { problemAnswer } from '../answer/problemAnswer.ts'
import { checkCredentials } from '../../auth/service/checkCredentials.ts'
import { sealDecision } from '../../auth/service/sealDecision.ts'
import type { Clock } from '../../core/Clock.ts'
import { FerryError } from '../../core/FerryError.ts'
import type { Fetch } from '../../net/Fetch.ts'
import type { Service } from '../Service.ts'
import type { ServiceContext } from '../ServiceContext.ts'
import { answerHeaders } from './answerHeaders.ts'
import { readBounded } from '../../auth/service/readBounded.ts'
import { requestHeaders } from './requestHeaders.ts'
import { upstreamUrl } from './upstreamUrl.ts'

/** A service of another server. */
export interface ProxyOptions extends Pick<
  Service,
  'name' | 'path' | 'cost' | 'route' | 'headersMs' | 'allowHeaders' | 'exposeHeaders'
> {
  /** Absolute; what follows `path` in a request's address is put behind it. */
  readonly upstream: string
  /**
   * What requests are signed with, so that the server believes the decision they carry. A signature covers the body:
   * signed requests may have 1 MiB of it. Default: unsigned, bodies of any size are streamed, and no decision is sent.
   */
  readonly credential?: { readonly keyId: string; readonly secret: string }
  readonly fetch?: Fetch
  readonly clock?: Pick<Clock, 'now'>
}

const mostSigned = 1_048_576

/**
 * Makes a service of a server elsewhere. Nothing by which the caller is known to the gateway gets there: no
 * `Authorization`, no cookie, no `x-pollinations-token`, no address. A body goes as it came: where tokens in bodies are
 * allowed, they are the service's business too.
 *
 * @throws FerryError `configuration` when the upstream is no http(s) address, or the credential protects nothing
 * @example proxyService({ name: 'text', path: '/text/', upstream: 'https://text.internal/v1', credential })
 */
export function proxyService(options: ProxyOptions): Service {
  const { upstream, credential, clock, fetch = send, ...service } = options
  if (!URL.canParse(upstream) || !/^https?:$/.test(new URL(upstream).protocol)) {
    throw new FerryError(
      'configuration',
      `The upstream of service "${service.name}" is no http address. Give one like https://text.example/v1.`,
      { url: upstream },
    )
  }
  if (credential !== undefined) checkCredentials([credential])

  const forward = async (request: Request, context: ServiceContext): Promise<Response> => {
    const { decision, requestId, signal } = context
    const { method } = request
    const url = upstreamUrl(upstream, service.path, request.url)
    const headers = requestHeaders(request.headers, requestId)
    const isBodyless = method === 'GET' || method === 'HEAD'
    let body: BodyInit | null = isBodyless ? null : request.body
    if (credential !== undefined) {
      const bytes = await readBounded(isBodyless ? null : request.body, mostSigned)
      if (bytes === null) return problemAnswer(tooLargeProblem, requestId)
      const sealed = sealDecision(decision, { method, url, body: bytes }, credential, {
        ...(clock && { clock }),
      })
      for (const [name, value] of Object.entries(sealed)) headers.set(name, value)
      body = isBodyless ? null : new Blob([bytes as Uint8Array<ArrayBuffer>])
    }
    const response = await fetch(url, {
      method,
      headers,
      body,
      signal,
      redirect: 'manual',
      ...(body instanceof ReadableStream && { duplex: 'half' }),
    })
    const { status, statusText } = response
    if (response.type === 'opaqueredirect') return problemAnswer(badGatewayProblem, requestId)
    return new Response(response.body, {
      status,
      statusText,
      headers: answerHeaders(response.headers, upstream, service.path),
    })
  }

  return {
    ...service,
    async handle(request, context) {
      try {
        return await forward(request, context)
      } catch (error) {
        if (context.signal.aborted) throw error
        return problemAnswer(badGatewayProblem, context.requestId)
      }
    },
  }
}

/** Looked up at each call: whoever replaces the global one means to. */
const send: Fetch = (url, init) => globalThis.fetch(url, init)

const badGatewayProblem = {
  status: 502,
  title: 'Bad Gateway',
  detail: 'The server behind this address gave no usable answer. Try again later.',
}

const tooLargeProblem = {
  status: 413,
  title: 'Content Too Large',
  detail: `A request to this service may have ${mostSigned} bytes of body.`,
}
