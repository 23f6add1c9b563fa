/** One built file of the package with a fixed name. */
export interface PackageEntry {
  /** Name of the built file in `dist/`, without `.js`. */
  readonly name: string
  /** Its entry point, relative to the project's root. */
  readonly source: string
  /**
   * `browser` and `node` entries are ES modules that share chunks with their kind and leave dependencies external. A
   * `script` is one classic file with everything inside: the form that a `<script>` tag, a `Worker` and
   * `navigator.serviceWorker.register` accept in every browser.
   */
  readonly kind: 'browser' | 'node' | 'script'
  /** Key in `exports` of package.json; none for the CLI. */
  readonly subpath?: string
  /** Whether declarations are written for it. */
  readonly types: boolean
}

/** All outputs of the build. `package.json` is checked against it. */
export const packageEntries: readonly PackageEntry[] = [
  { name: 'index', source: 'src/page/index.ts', kind: 'browser', subpath: '.', types: true },
  { name: 'sw', source: 'sw/index.ts', kind: 'browser', subpath: './sw', types: true },
  { name: 'auth', source: 'src/auth/public.ts', kind: 'browser', subpath: './auth', types: true },
  {
    name: 'queue',
    source: 'src/queue/public.ts',
    kind: 'browser',
    subpath: './queue',
    types: true,
  },
  {
    name: 'gateway',
    source: 'src/gateway/index.ts',
    kind: 'browser',
    subpath: './gateway',
    types: true,
  },
  { name: 'hub', source: 'src/hub/index.ts', kind: 'node', subpath: './hub', types: true },
  { name: 'vite', source: 'src/vite/index.ts', kind: 'node', subpath: './vite', types: true },
  { name: 'cli', source: 'src/cli/index.ts', kind: 'node', types: false },
  {
    name: 'modelferry',
    source: 'src/page/global.ts',
    kind: 'script',
    subpath: './modelferry.js',
    types: false,
  },
  {
    name: 'modelferry-sw',
    source: 'sw/script.ts',
    kind: 'script',
    subpath: './modelferry-sw.js',
    types: false,
  },
  {
    name: 'modelferry-worker',
    source: 'src/worker/index.ts',
    kind: 'script',
    subpath: './modelferry-worker.js',
    types: false,
  },
]
