import type { Decision } from '../../auth/Decision.ts'

/** Everybody, before there were rules: anonymous, and nobody knows from where. */
export const straightThrough: Decision = {
  kind: 'anonymous',
  reason: 'NONE',
  authenticated: false,
  tokenAuth: false,
  referrerAuth: false,
  bypass: false,
  tier: 'anonymous',
  subject: null,
  queueKey: 'ip:unknown',
  tokenSource: null,
  scope: [],
  site: null,
  status: null,
  network: 'ip:unknown',
  keyId: null,
  label: null,
  stale: false,
  retryAfterMs: null,
}
