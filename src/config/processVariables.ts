/** A variable of the process that stands for an entry. */
export interface ProcessVariable {
  readonly name: string
  /** The entry. */
  readonly path: readonly string[]
  /** How the text is read; a list has commas. */
  readonly kind: 'text' | 'list' | 'number' | 'switch'
}

function variable(name: string, path: string, kind: ProcessVariable['kind']): ProcessVariable {
  return { name: `MODELFERRY_${name}`, path: path.split('.'), kind }
}

/**
 * What can be said without a file: what differs from one start to the next. Secrets have a name of the operator's
 * choice, by `{ "$env": "NAME" }`.
 */
export const processVariables: readonly ProcessVariable[] = [
  variable('REALM', 'realm', 'text'),
  variable('PUBLIC_URL', 'publicUrl', 'text'),
  variable('LEGACY_TOKENS', 'auth.legacyTokens', 'list'),
  variable('LEGACY_EXPIRES', 'auth.legacyExpires', 'text'),
  variable('ALLOWED_HOSTS', 'auth.allowedHosts', 'list'),
  variable('REGISTERED_HOSTS', 'auth.registeredHosts', 'list'),
  variable('QUERY_TOKENS', 'auth.queryTokens', 'switch'),
  variable('BODY_TOKENS', 'auth.bodyTokens', 'switch'),
  variable('PASS_TIERS', 'auth.passTiers', 'list'),
  variable('TRUSTED_PROXIES', 'network.trustedProxies', 'list'),
  variable('FORWARDED_HEADER', 'network.forwardedHeader', 'text'),
  variable('QUEUE_CONCURRENCY', 'queue.concurrency', 'number'),
  variable('QUEUE_FAIL_MODE', 'queue.failMode', 'text'),
  variable('QUEUE_INSTANCES', 'queue.instances', 'number'),
  variable('QUEUE_SCALING', 'queue.scaling.mode', 'text'),
  variable('ROLLOUT', 'rollout.mode', 'text'),
  variable('ROLLOUT_PERCENT', 'rollout.percent', 'number'),
  variable('METRICS_TOKENS', 'metrics.tokens', 'list'),
  variable('LOG_EVENTS', 'log.events', 'list'),
]
