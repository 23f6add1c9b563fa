/** Whether a browser asks for permission: only it sends `OPTIONS` with these names. */
export function isPreflight(request: Request): boolean {
  return (
    request.method === 'OPTIONS' &&
    (request.headers.has('access-control-request-method') ||
      request.headers.has('access-control-request-headers'))
  )
}
