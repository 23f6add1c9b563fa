/** By its shape: servers and other realms have classes of their own. Errors and what was read already do not count. */
export function isResponse(value: unknown): value is Response {
  if (typeof value !== 'object' || value === null) return false
  const { status, headers, body, bodyUsed } = value as Partial<Response>
  return (
    typeof status === 'number' &&
    status >= 200 &&
    bodyUsed === false &&
    typeof headers?.get === 'function' &&
    (body === null || typeof body?.getReader === 'function')
  )
}
