import type { FileSource } from '../file-source.ts'
import { respond } from '../respond.ts'
import type { AskedRequest, RespondOptions } from '../respond.ts'

/** Asks as a page does. @param client that asks; undefined: nobody in particular */
export function ask(
  source: FileSource,
  url: string,
  headers: HeadersInit = {},
  client?: string,
): Promise<Response> {
  return answered(source, { url, method: 'GET', headers: new Headers(headers), client })
}

/** What is answered to a request that is not to be passed through. */
export async function answered(
  source: FileSource,
  request: AskedRequest,
  options: RespondOptions = {},
): Promise<Response> {
  const response = await respond(source, request, options)
  if (response === undefined) throw new Error(`${request.url} is passed through.`)
  return response
}
