import * as v from 'valibot'
import {
  describeIssues,
  formatPath,
  isSection,
  configurationError,
  findContradictions,
} from './explain.ts'
import { gatewaySchema } from './schema.ts'
import { readReferences, readVariables, unknownVariables } from './variables.ts'
import { FerryError } from '../core/index.ts'
import type { ConfigLayer, ConfigSources, GatewayConfig } from './types.ts'

/**
 * Finds the faults of one layer, also in entries that a stronger layer overrides, so that no mistake stays hidden
 * until the override is removed. A missing entry is accepted because another layer may have it. Items of lists must
 * be complete.
 */
function checkLayer({ name, value }: ConfigLayer): string[] {
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

/** All layers merged. */
export interface MergedLayers {
  readonly value: unknown
  /** The layer of each entry, by its path such as `queue.scaling.mode`. */
  readonly origins: ReadonlyMap<string, string>
}

/** Deeper than any entry of a configuration, and far from a stack overflow. Files may contain anything. */
const maxDepth = 16

/**
 * Merges the layers. Each entry is taken from the first layer that has it. Objects are merged entry by entry. Other
 * values, lists included, are taken whole: lists are never concatenated.
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
      const values = sections
        .filter(({ value }) => Object.hasOwn(value, key) && value[key] !== undefined)
        .map(({ name, value }) => ({ name, value: value[key] }))
      return values.length === 0 ? [] : [[key, merge(values, [...path, key], origins)]]
    }),
  )
}

/** A file, split into its base and its environments. */
export interface ConfigFile {
  readonly base: unknown
  readonly environments: ReadonlyMap<string, unknown>
  /** Faults of the entry `environments` itself. */
  readonly faults: readonly string[]
}

/** Separates a file's environments from its base, without checking their entries. */
function splitFile(file: unknown): ConfigFile {
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

/** All layers of the sources, in order. */
export interface ReadSources {
  /** The layers in use, the strongest first: process, local file, shared file; within a file, its environment first. */
  readonly layers: readonly ConfigLayer[]
  /** Environments that were not chosen: checked, not used. */
  readonly others: readonly ConfigLayer[]
  readonly faults: readonly string[]
}

/** Chooses the environment and orders the layers. */
function readSources(sources: ConfigSources): ReadSources {
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
  /** The layer of each entry, by its path; a missing entry has its default. */
  readonly origins: ReadonlyMap<string, string>
}

/** Checks each layer alone, merges them, resolves the secrets, and checks the result. */
function assembleConfig(sources: ConfigSources): AssembledConfig {
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
 * Builds the configuration of a gateway. Each entry comes from the first source that has it: the process, the local
 * file, the shared file, the default. Within a file, the chosen environment overrides the base.
 *
 * @param sources parsed contents; no file is read here, and no source is changed
 * @throws FerryError `configuration` naming every entry that is unknown or malformed, in any environment, chosen or
 * not; every variable that is missing or misspelt; entries that contradict each other. No secret is in its message.
 * @example loadConfig({ process: process.env, local: parseJson(text, 'gateway.json') })
 */
export function loadConfig(sources: ConfigSources): GatewayConfig {
  return assembleConfig(sources).config
}

/**
 * Lists the source of each entry, without any value: the result can be shown to anyone.
 *
 * @param sources as for {@link loadConfig}
 * @returns path to source, `default` when no source has it; a list is one entry
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

/** Where a text stops being JSON. */
export interface JsonFault {
  /** Offset of the first character that does not fit. */
  readonly index: number
  readonly why: string
}

type Expected = 'value' | 'value or ]' | 'name' | 'name or }' | ':' | ', or }' | ', or ]' | 'end'

const blank = /[ \t\n\r]*/y
// Unrolled, so that an unterminated text is scanned only once.
// oxlint-disable-next-line no-control-regex -- JSON forbids exactly these in a text
const string = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y
const scalar = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])/y

/**
 * Finds the first fault of a JSON text (RFC 8259). A name that appears twice in one object is a fault: one of the two
 * entries would be ignored silently. Engines report no position, or quote text that may be a secret.
 *
 * @returns undefined when there is none
 */
export function findJsonFault(text: string): JsonFault | undefined {
  /** Names so far of each open object; undefined for a list. */
  const open: (Set<string> | undefined)[] = []
  let expected: Expected = 'value'
  let index = 0

  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = index
    const found = pattern.exec(text)?.[0]
    index += found?.length ?? 0
    return found
  }
  const afterValue = (): Expected => {
    if (open.length === 0) return 'end'
    return open.at(-1) ? ', or }' : ', or ]'
  }
  /** Parses the next token. Returns what is expected after it; undefined when it does not fit. */
  const step = (): Expected | undefined => {
    const sign = text[index]
    const closes = (sign === '}' || sign === ']') && expected.endsWith(sign)
    if (closes) {
      open.pop()
      index += 1
      return afterValue()
    }
    if (expected.startsWith('name')) return take(string) === undefined ? undefined : ':'
    if (expected.startsWith('value') && (sign === '{' || sign === '[')) {
      open.push(sign === '{' ? new Set() : undefined)
      index += 1
      return sign === '{' ? 'name or }' : 'value or ]'
    }
    if (expected.startsWith('value')) {
      return (take(string) ?? take(scalar)) === undefined ? undefined : afterValue()
    }
    if (expected === 'end' || sign !== expected[0]) return undefined
    index += 1
    if (expected === ':') return 'value'
    return open.at(-1) ? 'name' : 'value'
  }

  for (;;) {
    take(blank)
    if (expected === 'end' && index === text.length) return undefined
    const start = index
    const next = step()
    if (next === undefined) return { index: start, why: `expected ${wording(expected)}` }
    if (next === ':') {
      const name = JSON.parse(text.slice(start, index)) as string
      const names = open.at(-1)
      if (names?.has(name)) {
        return { index: start, why: `the name ${JSON.stringify(name.slice(0, 64))} appears twice` }
      }
      names?.add(name)
    }
    expected = next
  }
}

function wording(expected: Expected): string {
  return expected === 'end'
    ? 'the end of the text'
    : expected.replace('name', 'a name in double quotes').replace('value', 'a value')
}

/**
 * Reads a JSON file's text. A leading byte order mark is ignored: some editors write one.
 *
 * @param name name of the file in errors
 * @param text of the whole file
 * @throws FerryError `configuration` naming file, line and column, counted from 1; it quotes nothing but names
 * @example parseJson('{ "realm": }', 'gateway.json') // gateway.json, line 1, column 12: expected a value
 */
export function parseJson(text: string, name: string): unknown {
  const json = text.replace(/^\uFEFF/, '')
  const fault = findJsonFault(json)
  if (!fault) return JSON.parse(json)
  const lines = json.slice(0, fault.index).split('\n')
  const column = (lines.at(-1)?.length ?? 0) + 1
  throw new FerryError(
    'configuration',
    `${name}, line ${lines.length}, column ${column}: this is not JSON, ${fault.why}.`,
  )
}
