/** What the signature of a presigned URL covers. */
export function urlParts(
  method: 'GET' | 'PUT',
  path: string,
  ranges: string,
  expires: string,
  key: string,
): string[] {
  return ['url', method, path, ranges, expires, key]
}
