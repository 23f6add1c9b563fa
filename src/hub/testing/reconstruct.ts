import type { TestHub } from './TestHub.ts'

/** A reconstruction in the form of API v2. */
interface Answer {
  readonly offset_into_first_range: number
  readonly terms: readonly {
    readonly hash: string
    readonly unpacked_length: number
    readonly range: { readonly start: number; readonly end: number }
  }[]
  readonly xorbs: Readonly<
    Record<
      string,
      readonly {
        readonly url: string
        readonly ranges: readonly {
          readonly chunks: { readonly start: number; readonly end: number }
          readonly bytes: { readonly start: number; readonly end: number }
        }[]
      }[]
    >
  >
}

/**
 * Requests the reconstruction of `model.onnx` by all steps of the protocol.
 *
 * @param hub that has it
 * @param range header, when not of the whole file
 * @returns the response, its first URL, and the range for which that URL is signed
 */
export async function reconstruct(
  hub: TestHub,
  range?: string,
): Promise<{ answer: Answer; url: string; range: string }> {
  const accept = 'application/vnd.xet-fileinfo+json, */*'
  const info = await hub.get('/me/vad/resolve/main/model.onnx', { headers: { accept } })
  const links = info.headers.get('link') ?? ''
  const [auth, reconstruction] = [...links.matchAll(/<([^>]+)>/g)].map((match) => match[1]!)
  const { accessToken } = (await (await fetch(auth!)).json()) as { accessToken: string }
  const response = await fetch(reconstruction!.replace('/v1/', '/v2/'), {
    headers: { authorization: `Bearer ${accessToken}`, ...(range !== undefined && { range }) },
  })
  const answer = (await response.json()) as Answer
  const [entry] = Object.values(answer.xorbs)[0]!
  const signed = entry!.ranges.map(({ bytes }) => `${bytes.start}-${bytes.end}`).join(',')
  return { answer, url: entry!.url, range: `bytes=${signed}` }
}
