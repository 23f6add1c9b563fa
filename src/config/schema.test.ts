import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { gatewaySchema } from './schema.ts'
import { loadConfig, parseJson } from './load.ts'
import { processVariables } from './variables.ts'

const docs = readFileSync(new URL('../../docs/gateway-config.md', import.meta.url), 'utf8')

/** The parts of a schema that this test reads. */
interface Node {
  readonly type: string
  readonly pipe?: readonly Node[]
  readonly entries?: Readonly<Record<string, Node>>
  readonly wrapped?: Node
  readonly default?: unknown
  readonly item?: Node
}

/** Cells of all table rows that begin with code, by that code. */
const rows = new Map(
  docs.split('\n').flatMap((line): [string, string[]][] => {
    const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim())
    const name = /^`([^`]+)`$/.exec(cells[1] ?? '')?.[1]
    return name === undefined ? [] : [[name, cells.slice(2, -1)]]
  }),
)

function entriesOf(schema: Node): Readonly<Record<string, Node>> | undefined {
  return schema.entries ?? schema.pipe?.find(({ entries }) => entries)?.entries
}

/** Every entry of a configuration file, with its default in the form of the docs. */
function walk(schema: Node, path: string): [entry: string, shown: string][] {
  return Object.entries(entriesOf(schema) ?? {}).flatMap(([key, node]) => {
    const here = path === '' ? key : `${path}.${key}`
    const inner = node.wrapped ?? node
    const shown =
      node.type === 'exact_optional'
        ? 'none'
        : node.wrapped
          ? `\`${JSON.stringify(node.default)}\``
          : 'must be given'
    const below = here === 'rollout.previous' ? [] : walk(inner, here)
    const items = inner.item ? walk(inner.item, `${here}[]`) : []
    const isPlainSection = below.length > 0 && shown !== 'none'
    return [...(isPlainSection ? [] : [[here, shown] as [string, string]]), ...below, ...items]
  })
}

const entries = walk(gatewaySchema, '')

test('the docs have every entry of the schema, and no other', () => {
  const places = entries.map(([entry]) => entry.replace(/^tiers\.\w+/, 'tiers.<tier>'))
  expect(places).toContain('services[].costs[].cost')
  expect(places).toContain('auth.introspect.secret')
  const documented = [...rows.keys()].filter(
    (name) => !name.startsWith('MODELFERRY_') && !/^tiers\.\w+$/.test(name),
  )
  expect(documented.toSorted()).toEqual([...new Set(places)].toSorted())
})

test('the docs have every default of the schema', () => {
  const tiers = loadConfig({ process: {} }).tiers
  for (const [tier, limits] of Object.entries(tiers)) {
    expect([tier, rows.get(`tiers.${tier}`)]).toEqual([tier, Object.values(limits).map(String)])
  }
  for (const [entry, shown] of entries.filter(([entry]) => !entry.startsWith('tiers.'))) {
    expect([entry, rows.get(entry)?.[1]]).toEqual([entry, shown])
  }
})

test('every type and every bound is as the schema has it', () => {
  const types = [...docs.matchAll(/^\| ([a-zA-Z ]+) \| [^|]+ \| `/gm)].map(([, type]) => type ?? '')
  expect(types).toContain('whole number')
  for (const [name, [type = '', shown, meaning]] of rows) {
    if (name.startsWith('MODELFERRY_') || /^tiers\.\w+$/.test(name)) continue
    const [outer = '', inner] = type.split(' of ')
    expect([name, [...types, 'list of objects']]).toEqual([
      name,
      expect.arrayContaining([type === 'list of objects' ? type : outer]),
    ])
    if (inner !== undefined && inner !== 'objects') {
      expect([name, types]).toEqual([name, expect.arrayContaining([inner.replace(/s$/, '')])])
    }
    if (!type.endsWith('number')) continue
    const said = name.includes('<tier>') ? shown : meaning
    const [, min, max] = /^([\d.]+) to ([\d.]+)/.exec(said ?? '') ?? []
    expect([name, bounds(name)]).toEqual([name, `from ${min} to ${max},`])
  }
})

/** The error for a number far out of range. */
function bounds(entry: string): string | undefined {
  const keys = entry.replace('<tier>', 'seed').split('.')
  const item = { name: 'a', path: '/' }
  const local = keys.reduceRight<unknown>((inner, key) => {
    if (key === 'services[]') return { services: [{ ...item, ...(inner as object) }] }
    if (key === 'costs[]') return { costs: [{ path: '/', ...(inner as object) }] }
    return { [key]: inner }
  }, 1e12)
  try {
    loadConfig({ process: {}, local })
  } catch (error) {
    return /from [\d.]+ to [\d.]+,/.exec((error as Error).message)?.[0]
  }
  return undefined
}

test('the docs have every variable', () => {
  const documented = [...rows].filter(([name]) => name.startsWith('MODELFERRY_'))
  expect(documented.slice(1).map(([name, [entry]]) => [name, entry])).toEqual(
    processVariables.map(({ name, path }) => [name, `\`${path.join('.')}\``]),
  )
})

test('the example is a configuration in each of its environments', () => {
  const text = /```json\n(.*?)```/s.exec(docs)?.[1] ?? ''
  const local = parseJson(text, 'gateway.json') as object
  const secret = 'x'.repeat(32)
  const process = { INTROSPECT_SECRET: secret, TEXT_SECRET: secret, CALLER_SECRET: secret }
  const load = (environment: string): unknown => loadConfig({ process, local, environment })
  expect(loadConfig({ process, local }).auth.allowedHosts).toHaveLength(3)
  expect(load('staging')).toMatchObject({ auth: { bodyTokens: true }, rollout: { percent: 25 } })
  expect(load('production')).toMatchObject({ rollout: { percent: 100 }, queue: { instances: 3 } })
  expect(Object.keys(local)).toEqual(
    expect.arrayContaining(Object.keys(entriesOf(gatewaySchema) ?? {})),
  )
})

test('the errors in the docs equal the real errors', () => {
  const shown = /```text\n(.*?)\n```/s.exec(docs)?.[1]
  expect(() =>
    loadConfig({
      process: {},
      local: { auth: { allowedHosts: ['app.example', 'https://x/'] } },
      shared: { environments: { production: { tiers: { seed: { weigth: 1 } } } } },
      environment: 'production',
    }),
  ).toThrow(shown)
})

test.each<[type: string, local: unknown]>([
  ['list', { auth: { allowedHosts: 5 } }],
  ['list of objects', { services: 'hub' }],
  ['text', { services: [{ name: 'Text' }] }],
  ['switch', { auth: { queryTokens: 'yes' } }],
  ['whole number', { tiers: { seed: { weight: 0 } } }],
  ['number', { queue: { scaling: { targetUtilisation: 2 } } }],
  ['word', { queue: { failMode: 'maybe' } }],
  ['host', { auth: { allowedHosts: '*' } }],
  ['range', { network: { trustedProxies: '0.0.0.0/0' } }],
  ['digest', { metrics: { tokens: ['abc'] } }],
  ['secret', { serviceKeys: [{ secret: 'abc' }] }],
  ['date', { auth: { legacyExpires: '2027-02-30' } }],
  ['URL', { services: [{ upstream: 'ftp://x' }] }],
])('the error in the docs for a %s equals the real error', (type, local) => {
  const shown = new RegExp(`^\\| ${type} \\| [^|]+ \\| \`([^\`]+)\``, 'm').exec(docs)?.[1] ?? type
  expect(() => loadConfig({ process: {}, local })).toThrow(shown)
})
