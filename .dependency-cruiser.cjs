// Which room may import which, as one list: every room may import the rooms of the lines above its own. Rooms
// of one line below the entries may know each other's types. Tests may reach anywhere, except into a cycle.
const layers = [
  ['core'],
  ['address', 'data'],
  ['codec', 'protocol', 'net', 'platform', 'auth', 'queue', 'config', 'log'],
  ['reconstruction', 'store'],
  ['transfer'],
  ['shipping'],
  ['page', 'worker', 'hub', 'gateway'],
  ['vite'],
  ['cli'],
]

/** Rooms that run in Node; all others run in browsers and at an edge as well, and see no Node. */
const nodeRooms = ['hub', 'shipping', 'vite', 'cli']
/** Rooms whose packages never reach a page. */
const serverRooms = [...nodeRooms, 'gateway']

const test = '[.](test|spec)[.]ts$'
const room = (names) => `^src/(${names.join('|')})/`

const layerRules = layers.flatMap((names, index) =>
  names.flatMap((name) => {
    const below = layers.slice(0, index).flat()
    const neighbours = names.includes('page') ? [] : names
    const from = { path: `^src/${name}/`, pathNot: test }
    const rules = [
      {
        name: `${name}-imports-downwards`,
        comment: `src/${name} may import ${below.join(', ') || 'no other room'}: imports go downwards only.`,
        severity: 'error',
        from,
        to: {
          path: '^(src|sw|demo|e2e|bench|scripts)/',
          pathNot: room([...below, ...neighbours, name]),
        },
      },
      {
        name: `${name}-knows-types-beside-it`,
        comment: `src/${name} may import types of the rooms beside it, and nothing that runs.`,
        severity: 'error',
        from,
        to: {
          path: room(neighbours),
          pathNot: room([name]),
          dependencyTypesNot: ['type-only'],
        },
      },
    ]
    return neighbours.length > 1 ? rules : rules.slice(0, 1)
  }),
)

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...layerRules,
    {
      name: 'sources-have-a-room',
      comment: 'A new folder in src/ takes its place in the list of layers first.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: room(layers.flat()) },
      to: {},
    },
    {
      name: 'rooms-have-doors',
      comment:
        "Another room's modules are imported from its index.ts, which says what others may use.",
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: [test, '/testing/'] },
      to: { path: '^src/[^/]+/', pathNot: ['^src/$1/', '^src/[^/]+/index[.]ts$'] },
    },
    {
      name: 'service-worker-uses-doors',
      comment: "The service worker imports a room's index.ts, too.",
      severity: 'error',
      from: { path: '^sw/', pathNot: test },
      to: { path: '^src/[^/]+/', pathNot: '^src/[^/]+/index[.]ts$' },
    },
    {
      name: 'service-worker-below-entries',
      comment:
        'sw/ is an entry: it may import the rooms below the entries, and meets them in src/protocol.',
      severity: 'error',
      from: { path: '^sw/', pathNot: test },
      to: {
        path: '^(src|demo|e2e|bench|scripts)/',
        pathNot: room(layers.slice(0, 5).flat()),
      },
    },
    {
      name: 'users-import-the-package',
      comment: 'demo/ and e2e/ show what a user can do, so they import "modelferry" by its name.',
      severity: 'error',
      from: { path: '^(demo|e2e)/' },
      to: { path: '^(src|sw|dist)/', dependencyTypesNot: ['aliased'] },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-node-in-the-browser',
      comment: 'What runs in a page, a worker or at an edge has no Node built-ins.',
      severity: 'error',
      from: { path: '^(src|sw)/', pathNot: [test, '/testing/', room(nodeRooms)] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-server-packages-in-the-browser',
      severity: 'error',
      from: { path: '^(src|sw)/', pathNot: [test, room(serverRooms)] },
      to: { path: '^node_modules/(hono|@hono|structured-headers|tldts)/' },
    },
    {
      name: 'no-development-packages-in-the-product',
      comment: 'What ships may only import what is installed with it.',
      severity: 'error',
      from: { path: '^(src|sw)/', pathNot: [test, '/testing/'] },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['npm', 'npm-peer'],
      },
    },
    {
      name: 'no-tests-in-the-product',
      severity: 'error',
      from: { path: '^(src|sw)/', pathNot: [test, '/testing/'] },
      to: { path: [test, '/testing/'] },
    },
    {
      name: 'everything-is-found',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: '^node_modules/' },
    exclude: { path: '^(dist|demo/dist|scripts/absent)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'browser', 'default'],
      extensions: ['.ts', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
}
