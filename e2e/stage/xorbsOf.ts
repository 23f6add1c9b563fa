/**
 * Xorbs of a file, in the order of its bytes, as the hub reports them to any client.
 *
 * @param url of the file at the hub
 * @returns hex digits; a xorb that is used several times appears once
 */
export async function xorbsOf(url: string): Promise<string[]> {
  const accept = 'application/vnd.xet-fileinfo+json'
  const info = await read<{ hash: string; refreshUrl: string }>(url, { accept })
  const { casUrl, accessToken } = await read<{ casUrl: string; accessToken: string }>(
    info.refreshUrl,
  )
  const { terms } = await read<{ terms: { hash: string }[] }>(
    `${casUrl}/v1/reconstructions/${info.hash}`,
    { authorization: `Bearer ${accessToken}` },
  )
  return [...new Set(terms.map(({ hash }) => hash))]
}

async function read<T>(url: string, headers: Record<string, string> = {}): Promise<T> {
  const response = await fetch(url, { headers })
  if (!response.ok) throw new Error(`${response.status} for ${url}`)
  return (await response.json()) as T
}
