import * as v from 'valibot'
import {
  describeIssues,
  formatPath,
  isSection,
  configurationError,
  findContradictions,
} from './explain.ts'
import { gatewaySchema } from './schema.ts'
import type { ConfigLayer, ConfigSources, GatewayConfig } from './types.ts'

/**
 * Says what is wrong with one layer alone: also in entries that a stronger layer hides, so that no mistake waits for
 * the day on which it is uncovered. What is missing may still come from another layer; items of lists are whole.
 */
export function checkLayer({ name, value }: ConfigLayer): string[] {
  if (value === undefined) return []
  const issues = v.safeParse(gatewaySchema, value, { abortPipeEarly: true }).issues ?? []
  const own = issues.filter(
    ({ type, received, path }) =>
      !(type === 'strict_object' && received === 'undefined') ||
      path?.some(({ key }) => typeof key === 'number'),
  )
  return describeIssues(own).map(({ path, why }) =>
    path.length === 0 ? `${name}: ${why}` : `${formatPath(path)} in ${name}: ${why}`,
  )
}

/** What all layers say together. */
export interface MergedLayers {
  readonly value: unknown
  /** Which layer each entry came from, by its place as in `queue.scaling.mode`. */
  readonly origins: ReadonlyMap<string, string>
}

/** Deeper than any entry of a configuration, and far from the end of the stack: files may hold anything. */
const maxDepth = 16

/**
 * The one precedence. Of every entry, the first layer that has it is believed. Objects are joined entry by entry;
 * everything else, lists too, is taken whole: a list of one layer never grows by the items of another.
 *
 * @param layers the strongest first; none is changed
 * @example mergeLayers([{ name: 'a', value: { x: 1 } }, { name: 'b', value: { x: 2, y: 3 } }]).value // { x: 1, y: 3 }
 */
export function mergeLayers(layers: readonly ConfigLayer[]): MergedLayers {
  const origins = new Map<string, string>()
  const present = layers.filter(({ value }) => value !== undefined)
  return { value: present.length === 0 ? {} : merge(present, [], origins), origins }
}

function merge(
  layers: readonly ConfigLayer[],
  path: readonly string[],
  origins: Map<string, string>,
): unknown {
  const end = layers.findIndex(({ value }) => !isSection(value))
  const sections = (end === -1 ? layers : layers.slice(0, end)).map(({ name, value }) => ({
    name,
    value: value as Readonly<Record<string, unknown>>,
  }))
  if (sections.length === 0 || path.length === maxDepth) {
    origins.set(formatPath(path), layers[0]?.name ?? '')
    return layers[0]?.value
  }
  const keys = new Set(sections.flatMap(({ value }) => Object.keys(value)))
  // Unlike an assignment, this makes even `__proto__` an entry of its own, for the schema to refuse.
  return Object.fromEntries(
    [...keys].flatMap((key) => {
      const said = sections
        .filter(({ value }) => Object.hasOwn(value, key) && value[key] !== undefined)
        .map(({ name, value }) => ({ name, value: value[key] }))
      return said.length === 0 ? [] : [[key, merge(said, [...path, key], origins)]]
    }),
  )
}

/** A place where a variable of the process is named instead of a value. */
export interface ConfigReference {
  readonly path: readonly (string | number)[]
  readonly variable: string
}

/** Deeper than any secret of a configuration, and far from the end of the stack. */
const maxReferenceDepth = 16

/**
 * Puts something in the place of every `{ "$env": "NAME" }`.
 *
 * @param value stays as it is
 * @param give what stands in its place
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
  variable('METRICS_LISTEN_PORT', 'metrics.port', 'number'),
  variable('LOG_EVENTS', 'log.events', 'list'),
]

/**
 * What the variables of the process say, one layer for each.
 *
 * @param process name to text; a variable that is set but empty is an empty list, and an error for everything else
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

/** What cannot be read stays text, which the schema refuses in its own words. */
function read(text: string, kind: ProcessVariable['kind']): unknown {
  if (kind === 'number') return /^\d{1,15}$/.test(text) ? Number(text) : text
  if (kind === 'switch' && /^(?:true|false)$/.test(text)) return text === 'true'
  return text
}

/** A file, taken apart. */
export interface ConfigFile {
  readonly base: unknown
  readonly environments: ReadonlyMap<string, unknown>
  /** What is wrong with `environments` itself. */
  readonly faults: readonly string[]
}

/** Parts a file's environments from its base. Their entries are not looked at. */
export function splitFile(file: unknown): ConfigFile {
  const none = new Map<string, unknown>()
  if (!isSection(file) || !Object.hasOwn(file, 'environments')) {
    return { base: file, environments: none, faults: [] }
  }
  const { environments, ...base } = file
  if (!isSection(environments)) {
    return { base, environments: none, faults: ['environments: expected an object'] }
  }
  const names = Object.keys(environments)
  const faults = names
    .filter((name) => !/^[a-z0-9][a-z0-9-]{0,31}$/i.test(name))
    .map(
      (name) =>
        `environments[${JSON.stringify(name.slice(0, 64))}]: expected a name of 1 to 32 letters, digits and hyphens`,
    )
  return { base, environments: new Map(Object.entries(environments)), faults }
}

/** Variables of `modelferry serve` itself, which no entry of a configuration stands for. */
const serveVariables = ['MODELFERRY_LISTEN_PORT', 'MODELFERRY_LISTEN_HOST']

/**
 * What Kubernetes sets in every container for a Service called `modelferry`, or `modelferry-…`; Docker links have the
 * same form.
 *
 * @see https://kubernetes.io/docs/tutorials/services/connect-applications-service/#environment-variables
 */
const injected = /_SERVICE_HOST$|_SERVICE_PORT(?:_\w+)?$|_PORT_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?$/

function isInjected(name: string, value: string): boolean {
  return injected.test(name) || (name.endsWith('_PORT') && /^(?:tcp|udp|sctp):\/\//.test(value))
}

/**
 * Names variables that begin like ours and were set by a cluster for its services. They are passed over, and worth a
 * warning.
 *
 * @param process variables of the process
 */
export function foreignVariables(process: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(process).flatMap(([name, value]) =>
    name.startsWith('MODELFERRY_') && value !== undefined && isInjected(name, value) ? [name] : [],
  )
}

/**
 * Says which variables look like ours and are not: a misspelt one would be passed over in silence.
 *
 * @param files parsed; variables that they refer to may have any name
 */
export function unknownVariables(
  process: Readonly<Record<string, string | undefined>>,
  files: readonly unknown[],
): string[] {
  const known = ['MODELFERRY_ENVIRONMENT', ...processVariables.map(({ name }) => name)]
  const allowed = new Set([...known, ...serveVariables, ...foreignVariables(process)])
  readReferences(files, ({ variable }) => allowed.add(variable))
  return Object.keys(process)
    .filter((name) => name.startsWith('MODELFERRY_') && process[name] !== undefined)
    .filter((name) => !allowed.has(name))
    .map((name) => `the variable ${name}: there is no such variable; known are ${known.join(', ')}`)
}

/** Everything the sources say, in order. */
export interface ReadSources {
  /** What counts, the strongest first: process, local file, shared file; within a file, its environment first. */
  readonly layers: readonly ConfigLayer[]
  /** Environments that were not chosen: checked, not used. */
  readonly others: readonly ConfigLayer[]
  readonly faults: readonly string[]
}

/** Chooses the environment and puts the sources in their order. */
export function readSources(sources: ConfigSources): ReadSources {
  const chosen = sources.environment ?? sources.process['MODELFERRY_ENVIRONMENT']
  const files = [
    { name: sources.names?.local ?? 'the local file', ...splitFile(sources.local) },
    { name: sources.names?.shared ?? 'the shared file', ...splitFile(sources.shared) },
  ]
  const layers = readVariables(sources.process)
  const others: ConfigLayer[] = []
  const faults = unknownVariables(sources.process, [sources.local, sources.shared])
  for (const { name, base, environments, faults: own } of files) {
    faults.push(...own.map((fault) => `${name}: ${fault}`))
    for (const [environment, value] of environments) {
      const layer = { name: `${name}, environment ${environment}`, value }
      ;(environment === chosen ? layers : others).push(layer)
    }
    layers.push({ name, value: base })
  }
  const known = new Set(files.flatMap(({ environments }) => [...environments.keys()]))
  if (chosen !== undefined && !known.has(chosen)) {
    faults.push(
      `environments: there is no ${JSON.stringify(chosen.slice(0, 64))}; known are ${[...known].join(', ') || 'none'}`,
    )
  }
  return { layers, others, faults }
}

/** A configuration, and where its entries came from. */
export interface AssembledConfig {
  readonly config: GatewayConfig
  /** Which layer each entry came from, by its place; an entry that is not there has its default. */
  readonly origins: ReadonlyMap<string, string>
}

/** Check each source alone, put them over one another, fetch the secrets, check the whole. */
export function assembleConfig(sources: ConfigSources): AssembledConfig {
  const { layers, others, faults } = readSources(sources)
  stopAt([...faults, ...[...layers, ...others].flatMap(checkLayer)])

  const { value, origins } = mergeLayers(layers)
  const missing: string[] = []
  const complete = readReferences(value, ({ path, variable }) => {
    const text = Object.hasOwn(sources.process, variable) ? sources.process[variable] : undefined
    if (!text) missing.push(`${formatPath(path)}: the variable ${variable} is not set, or empty`)
    return text
  })
  stopAt(missing)

  const parsed = v.safeParse(gatewaySchema, complete, { abortPipeEarly: true })
  if (!parsed.success) {
    throw configurationError(
      describeIssues(parsed.issues).map(({ path, why }) => `${formatPath(path)}: ${why}`),
    )
  }
  stopAt(findContradictions(parsed.output))
  return { config: parsed.output, origins }
}

function stopAt(faults: readonly string[]): void {
  if (faults.length > 0) throw configurationError(faults)
}

/**
 * Makes the configuration of a gateway. Of every entry, the first is believed that has it: the process, the local
 * file, the shared file, the default; within a file, the chosen environment goes before the base.
 *
 * @param sources already read; nothing here touches a file, and none of them is changed
 * @throws FerryError `configuration` naming every entry that is unknown or malformed, in any environment, chosen or
 * not; every variable that is missing or misspelt; entries that contradict each other. No secret is in its message.
 * @example loadConfig({ process: process.env, local: parseJson(text, 'gateway.json') })
 */
export function loadConfig(sources: ConfigSources): GatewayConfig {
  return assembleConfig(sources).config
}

/**
 * Says where each entry of a configuration came from, and no value: it may be shown to all.
 *
 * @returns place to source, `default` where no source has it; a list is one entry
 * @throws FerryError `configuration` as {@link loadConfig} does
 * @example explainConfig(sources)['queue.concurrency'] // 'the variable MODELFERRY_QUEUE_CONCURRENCY'
 */
export function explainConfig(sources: ConfigSources): Readonly<Record<string, string>> {
  const { config, origins } = assembleConfig(sources)
  return Object.fromEntries(
    places(config, []).map((place) => [place, origins.get(place) ?? 'default']),
  )
}

function places(value: unknown, path: readonly string[]): string[] {
  if (!isSection(value)) return [path.join('.')]
  return Object.entries(value).flatMap(([key, item]) => places(item, [...path, key]))
}
