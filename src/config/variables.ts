// Values from the environment: the variables that set entries, those that entries refer to by `$env`, and the unknown.
import type { ConfigLayer } from './types.ts'

/** An entry that refers to an environment variable instead of a value. */
export interface ConfigReference {
  readonly path: readonly (string | number)[]
  readonly variable: string
}

/** Deeper than any secret of a configuration, and far from a stack overflow. */
const maxReferenceDepth = 16

/**
 * Replaces every `{ "$env": "NAME" }`.
 *
 * @param value is not changed
 * @param give returns the replacement
 */
export function readReferences(
  value: unknown,
  give: (reference: ConfigReference) => unknown,
  path: readonly (string | number)[] = [],
): unknown {
  if (typeof value !== 'object' || value === null || path.length === maxReferenceDepth) return value
  if (Array.isArray(value)) {
    return value.map((item, index) => readReferences(item, give, [...path, index]))
  }
  const entries = Object.entries(value)
  const [first] = entries
  if (entries.length === 1 && first?.[0] === '$env' && typeof first[1] === 'string') {
    return give({ path, variable: first[1] })
  }
  return Object.fromEntries(
    entries.map(([key, item]) => [key, readReferences(item, give, [...path, key])]),
  )
}

/** An environment variable that sets an entry. */
export interface ProcessVariable {
  readonly name: string
  /** The entry. */
  readonly path: readonly string[]
  /** How the text is parsed; a list is separated by commas. */
  readonly kind: 'text' | 'list' | 'number' | 'switch'
}

function variable(name: string, path: string, kind: ProcessVariable['kind']): ProcessVariable {
  return { name: `MODELFERRY_${name}`, path: path.split('.'), kind }
}

/**
 * Entries that can be set without a file: those that differ between starts. Secrets have names that the operator
 * chooses, by `{ "$env": "NAME" }`.
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
  variable('METRICS_LISTEN_PORT', 'metrics.port', 'number'),
  variable('LOG_EVENTS', 'log.events', 'list'),
]

/**
 * Reads the environment variables, one layer for each.
 *
 * @param process name to text; an empty variable is an empty list, and an error for all other kinds
 */
export function readVariables(
  process: Readonly<Record<string, string | undefined>>,
): ConfigLayer[] {
  return processVariables.flatMap(({ name, path, kind }) => {
    const text = Object.hasOwn(process, name) ? process[name] : undefined
    if (text === undefined) return []
    const value = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), read(text, kind))
    return [{ name: `the variable ${name}`, value }]
  })
}

/** An unreadable value stays a text, which the schema then refuses. */
function read(text: string, kind: ProcessVariable['kind']): unknown {
  if (kind === 'number') return /^\d{1,15}$/.test(text) ? Number(text) : text
  if (kind === 'switch' && /^(?:true|false)$/.test(text)) return text === 'true'
  return text
}

/** Variables of `modelferry serve` itself, which have no entry in the configuration. */
const serveVariables = ['MODELFERRY_LISTEN_PORT', 'MODELFERRY_LISTEN_HOST']

/**
 * Variables that Kubernetes sets in every container for a Service named `modelferry` or `modelferry-…`; Docker links have the
 * same form.
 *
 * @see https://kubernetes.io/docs/tutorials/services/connect-applications-service/#environment-variables
 */
const injected = /_SERVICE_HOST$|_SERVICE_PORT(?:_\w+)?$|_PORT_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?$/

function isInjected(name: string, value: string): boolean {
  return injected.test(name) || (name.endsWith('_PORT') && /^(?:tcp|udp|sctp):\/\//.test(value))
}

/**
 * Finds variables that have the prefix of modelferry but were set by a cluster for its services. They are ignored
 * with a warning.
 *
 * @param process variables of the process
 */
export function foreignVariables(process: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(process).flatMap(([name, value]) =>
    name.startsWith('MODELFERRY_') && value !== undefined && isInjected(name, value) ? [name] : [],
  )
}

/**
 * Finds the variables that only a gateway reads, and those that nothing reads.
 *
 * @param process variables of the process
 */
export function gatewayVariables(process: Readonly<Record<string, string | undefined>>): string[] {
  const others = new Set([...serveVariables, ...foreignVariables(process)])
  return Object.keys(process).filter(
    (name) => name.startsWith('MODELFERRY_') && process[name] !== undefined && !others.has(name),
  )
}

/**
 * Finds unknown variables with the prefix of modelferry: a misspelt one would otherwise be ignored silently.
 *
 * @param files parsed; variables that they refer to may have any name
 */
export function unknownVariables(
  process: Readonly<Record<string, string | undefined>>,
  files: readonly unknown[],
): string[] {
  const known = [
    'MODELFERRY_ENVIRONMENT',
    ...serveVariables,
    ...processVariables.map(({ name }) => name),
  ]
  const allowed = new Set([...known, ...foreignVariables(process)])
  readReferences(files, ({ variable }) => allowed.add(variable))
  return Object.keys(process)
    .filter((name) => name.startsWith('MODELFERRY_') && process[name] !== undefined)
    .filter((name) => !allowed.has(name))
    .map((name) => `the variable ${name}: there is no such variable; known are ${known.join(', ')}`)
}
