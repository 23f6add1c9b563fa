/**
 * Whether an address gives something with a JavaScript MIME type. Asked when a browser refuses a service worker
 * without saying why: Firefox says of a wrong type and of a wrong scope that "the operation is insecure".
 *
 * @returns true also when it cannot be told
 */
export async function servesScript(url: string): Promise<boolean> {
  try {
    const { ok, headers, body } = await fetch(url, { cache: 'no-store' })
    await body?.cancel()
    return !ok || /\b(?:java|ecma)script\b/i.test(headers.get('content-type') ?? '')
  } catch {
    return true
  }
}
