import { HubRefusal } from './HubRefusal.ts'
import { readBody } from './readBody.ts'

/**
 * A JSON object from the body of a request.
 *
 * @param request its body is consumed
 * @param limit most bytes; default 4 MiB
 * @throws HubRefusal 400 when it is no JSON object, 413 when it is too long
 */
export async function readJson(
  request: Request,
  limit: number = 4 * 1024 * 1024,
): Promise<Record<string, unknown>> {
  const text = new TextDecoder().decode(await readBody(request, limit))
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>
    }
  } catch {
    // Said below.
  }
  throw new HubRefusal(400, 'The body must be a JSON object.')
}
