import type { FileSource } from '../file-source.ts'
import { respond } from '../respond.ts'
import type { AskedRequest, RespondOptions } from '../respond.ts'

/** Sends a request like a page. @param client client id; undefined: unknown */
export function ask(
  source: FileSource,
  url: string,
  headers: HeadersInit = {},
  client?: string,
): Promise<Response> {
  return answered(source, { url, method: 'GET', headers: new Headers(headers), client })
}

/** The response to a request that must not be passed through. */
export async function answered(
  source: FileSource,
  request: AskedRequest,
  options: RespondOptions = {},
): Promise<Response> {
  const response = await respond(source, request, options)
  if (response === undefined) throw new Error(`${request.url} is passed through.`)
  return response
}
