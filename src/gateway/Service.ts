import type { ServiceContext } from './ServiceContext.ts'

/**
 * Something that stands behind the gateway.
 *
 * @example
 * const echo: Service = { name: 'echo', path: '/echo/', handle: async (request) => new Response(request.body) }
 */
export interface Service {
  /** Names it in logs. */
  readonly name: string
  /** Begins and ends with a slash; of several that fit, the longest has the request. */
  readonly path: string
  /**
   * Answers. Called once for a request that was let in, and never for another one. Whatever it throws or rejects
   * with, and whatever it gives that is no `Response`, becomes a 500 that says nothing about it.
   *
   * @param request without credentials in query and `x-pollinations-token`; its `Authorization` is as it came
   * @param context who asks, and when to stop
   */
  handle(request: Request, context: ServiceContext): Promise<Response>
  /** Starts that a request counts for; 0: only concurrency counts. Default: 1. */
  cost?(request: Request): number
  /** What stands in the log for the path: a pattern, of which there are few. Default: the service's path and `*`. */
  route?(request: Request): string
  /**
   * Whether an address carries its own proof, as presigned URLs do. Such a request needs no token, waits in no
   * queue, and has its credentials ignored. Default: none does.
   */
  open?(request: Request): boolean
  /**
   * What {@link ServiceContext.carry} was for the request at which the service gave out the token that this one
   * brings. The decision of then holds. To be given only for a token whose genuineness the service has checked.
   *
   * @returns undefined without such a token
   */
  carried?(request: Request): string | undefined
  /** Milliseconds until the answer's headers. Default: {@link GatewayOptions.headersMs}. */
  readonly headersMs?: number
  /** Request headers that pages may send besides the gateway's own, lower-case. */
  readonly allowHeaders?: readonly string[]
  /** Answer headers that pages may read besides the gateway's own and those that the answer itself exposes. */
  readonly exposeHeaders?: readonly string[]
}
