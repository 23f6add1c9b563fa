import type { AuthVectorRequest } from './AuthVectorRequest.ts'

/** Every text of a request that stands where a token may stand, whether it is read or not. */
export function credentialTexts({ url, headers, body }: AuthVectorRequest): string[] {
  const texts: string[] = []
  for (const [name, value] of headers) {
    if (name.toLowerCase() === 'authorization') texts.push(value.slice(value.indexOf(' ') + 1))
    if (name.toLowerCase() === 'x-pollinations-token') texts.push(value)
  }
  if (URL.canParse(url)) texts.push(...new URL(url).searchParams.getAll('token'))
  texts.push(tokenOf(body))
  return texts.map((text) => text.trim()).filter((text) => text !== '')
}

function tokenOf(body: string | undefined): string {
  try {
    const value: unknown = JSON.parse(body ?? 'null')
    const token: unknown = Object(value).token
    return typeof token === 'string' ? token : ''
  } catch {
    return ''
  }
}
