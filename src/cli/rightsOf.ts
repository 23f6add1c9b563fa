import type { Decision } from '../auth/Decision.ts'
import type { AccessToken } from '../hub/index.ts'

/**
 * What a decision lets somebody do on the embedded hub, besides reading what is public: `read:` and `write:` scopes
 * of its token, each with a repository as `owner/name` or `*`. No token, no rights; a recognised page has none.
 *
 * @returns null: nothing
 * @example rightsOf({ ...decision, scope: ['read:*', 'write:me/vad'] }) // { read: ['*'], write: ['me/vad'] }
 */
export function rightsOf({
  tokenAuth,
  scope,
}: Pick<Decision, 'tokenAuth' | 'scope'>): Pick<AccessToken, 'read' | 'write'> | null {
  if (!tokenAuth) return null
  const named = (right: string): string[] =>
    scope.filter((item) => item.startsWith(right)).map((item) => item.slice(right.length))
  return { read: named('read:'), write: named('write:') }
}
