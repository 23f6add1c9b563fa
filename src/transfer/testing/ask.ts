import type { FileSource } from '../file-source.ts'
import { respond } from '../respond.ts'

/** Asks as a page does. @param client that asks; undefined: nobody in particular */
export function ask(
  source: FileSource,
  url: string,
  headers: HeadersInit = {},
  client?: string,
): Promise<Response> {
  return respond(source, { url, method: 'GET', headers: new Headers(headers), client })
}
