import type { AuthVectorRequest } from './AuthVectorRequest.ts'

/** All texts in headers and query of a request at places for tokens, whether they are read or not. */
export function credentialTexts({
  url,
  headers,
}: Pick<AuthVectorRequest, 'url' | 'headers'>): string[] {
  const texts = URL.canParse(url) ? new URL(url).searchParams.getAll('token') : []
  for (const [name, value] of headers) {
    if (name.toLowerCase() === 'authorization') texts.push(value.slice(value.indexOf(' ') + 1))
    if (name.toLowerCase() === 'x-pollinations-token') texts.push(value)
  }
  return texts.map((text) => text.trim()).filter((text) => text !== '')
}
