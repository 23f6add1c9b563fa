import type { AuthRequest } from './AuthRequest.ts'
import { readText } from './readText.ts'

/** Longer bodies are somebody's work, not a form with a token, and would be held twice while they are read. */
const maxBytes = 2 * 1024 * 1024
const maxMs = 5000

/**
 * The own string member `token` of a JSON object in the body. The request's own body stays unread.
 *
 * @returns null where there is none: another shape, broken or late JSON, more than 2 MiB. Never throws
 */
export async function tokenInBody(request: Pick<AuthRequest, 'clone'>): Promise<string | null> {
  try {
    const { body } = request.clone()
    const text = body === null ? null : await readText(body, maxBytes, maxMs)
    if (text === null) return null
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'token')) return null
    const { token } = value as { token: unknown }
    return typeof token === 'string' && token !== '' ? token : null
  } catch {
    // Broken JSON, a connection that failed, or a body that somebody has read already.
    return null
  }
}
