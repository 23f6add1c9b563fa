import type { AuthRequest } from './AuthRequest.ts'
import type { Decision } from './Decision.ts'

/** The one place where it is decided who waits. */
export interface Auth {
  /**
   * @param request its body stays unread
   * @param from `peer`: address of the socket, null when there is none
   * @returns never rejects: any bytes in headers, URL and body get a decision
   */
  decide(request: AuthRequest, from: { readonly peer: string | null }): Promise<Decision>
}
