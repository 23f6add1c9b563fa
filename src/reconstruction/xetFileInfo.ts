import * as v from 'valibot'
import { FerryError } from '../core/FerryError.ts'
import { readJson } from '../net/readJson.ts'
import type { FileInfo } from '../protocol/FileInfo.ts'
import { linkedSha256 } from './linkedSha256.ts'
import { makeFileInfo } from './makeFileInfo.ts'
import { parseLink } from './parseLink.ts'
import { protocolError } from './protocolError.ts'

/** Bytes of the answer's body that are read at most. */
const limit = 65_536

const address = v.pipe(
  v.string(),
  v.check(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    'expected an http(s) URL',
  ),
)

/** Named as on the wire, so that an error names the header. */
const schema = v.object({
  'X-Linked-Size': v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  'X-Xet-Hash': v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  'X-Linked-ETag': v.optional(v.string()),
  'Link rel="xet-auth"': address,
  'Link rel="xet-reconstruction-info"': v.optional(address),
})

/**
 * Reads a Xet file information. All of it is in the headers; a page of another origin may not be allowed
 * to read each of them, and what is missing is then taken from the body.
 *
 * @param url what the page calls it, without fragment
 * @param fetchedAt local epoch milliseconds
 * @throws FerryError `protocol`, naming the header
 */
export async function xetFileInfo(
  response: Response,
  url: string,
  fetchedAt: number,
): Promise<FileInfo> {
  const { headers } = response
  const links = parseLink(headers.get('link') ?? '', response.url || url)
  const size = headers.get('x-linked-size')
  const hash = headers.get('x-xet-hash')
  const complete = size !== null && hash !== null && links.has('xet-auth')
  const body = await (complete ? response.body?.cancel() : readBody(response))
  const parsed = v.safeParse(
    schema,
    {
      'X-Linked-Size': size === null ? body?.['size'] : numberIn(size),
      'X-Xet-Hash': hash ?? body?.['hash'],
      'X-Linked-ETag': headers.get('x-linked-etag') ?? body?.['etag'],
      'Link rel="xet-auth"': links.get('xet-auth') ?? body?.['refreshUrl'],
      'Link rel="xet-reconstruction-info"':
        links.get('xet-reconstruction-info') ?? body?.['reconstructionUrl'],
    },
    { abortEarly: true },
  )
  if (!parsed.success) throw protocolError('The file information', parsed.issues[0], url)
  const fields = parsed.output
  const linked = fields['X-Linked-ETag']
  return makeFileInfo({
    url,
    size: fields['X-Linked-Size'],
    content: `xet:${fields['X-Xet-Hash']}`,
    xetHash: fields['X-Xet-Hash'],
    sha256: linkedSha256(linked),
    etag: linked === undefined ? (headers.get('etag') ?? undefined) : quoted(linked),
    commit: headers.get('x-repo-commit') ?? undefined,
    tokenUrl: fields['Link rel="xet-auth"'],
    reconstructionUrl: fields['Link rel="xet-reconstruction-info"'],
    fetchedAt,
  })
}

/** Nothing when it is no JSON: the header that is missing is then the fault to name. */
async function readBody(response: Response): Promise<Record<string, unknown> | undefined> {
  try {
    const json = await readJson('The file information', response, limit)
    return typeof json === 'object' && json !== null ? { ...json } : undefined
  } catch (error) {
    if (error instanceof FerryError && error.code === 'protocol') return undefined
    throw error
  }
}

/** Digits only: Number would also read an empty text and "0x10". */
function numberIn(text: string): number | string {
  return /^\d{1,16}$/.test(text) ? Number(text) : text
}

function quoted(etag: string): string {
  return etag.includes('"') ? etag : `"${etag}"`
}
