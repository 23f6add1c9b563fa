import type { Decision } from '../../../src/auth/decision.ts'

const members: Record<keyof Decision, true> = {
  kind: true,
  reason: true,
  authenticated: true,
  tokenAuth: true,
  referrerAuth: true,
  bypass: true,
  tier: true,
  subject: true,
  queueKey: true,
  tokenSource: true,
  scope: true,
  site: true,
  status: true,
  network: true,
  keyId: true,
  label: true,
  stale: true,
  retryAfterMs: true,
}

/** Every member of a decision. */
export const decisionMembers: readonly (keyof Decision)[] = Object.keys(
  members,
) as (keyof Decision)[]
