import type { ViteWay } from './ViteWay.ts'

const folder = '/demos/one/'

/** Combinations that test each of the plugin's options. */
export const viteWays: readonly ViteWay[] = [
  { what: 'a tag where nothing is imported', options: `injectRegister: 'auto'` },
  { what: 'a tag, in a folder', options: `injectRegister: 'script'`, base: folder, below: folder },
  { what: 'a tag, relative', options: `injectRegister: 'script'`, base: './', below: folder },
  { what: 'a deferred tag', options: `injectRegister: 'script-defer'` },
  {
    what: 'a deferred tag, relative',
    options: `injectRegister: 'script-defer'`,
    base: '',
    below: folder,
  },
  { what: 'a script in the page', options: `injectRegister: 'inline'` },
  {
    what: 'a script in the page, relative',
    options: `injectRegister: 'inline'`,
    base: './',
    below: folder,
  },
  { what: 'the module where it is imported', options: `injectRegister: 'auto'`, imports: true },
  {
    what: 'the module, in a folder',
    options: `injectRegister: null`,
    base: folder,
    below: folder,
    imports: true,
  },
  {
    what: 'the module, relative',
    options: `injectRegister: null`,
    base: './',
    below: folder,
    imports: true,
  },
  { what: 'a tag, assets elsewhere', options: `injectRegister: 'script'`, base: 'CDN' },
  {
    what: 'the module, assets elsewhere',
    options: `injectRegister: null`,
    base: 'CDN',
    imports: true,
  },
  { what: 'a tag, workers in a folder', options: `filename: 'workers/ferry.js'` },
  {
    what: 'the module, workers in a folder',
    options: `filename: 'workers/ferry.js'`,
    imports: true,
  },
  {
    what: 'a tag, workers in a folder, scope from the base',
    options: `filename: 'workers/ferry.js', scope: './'`,
    base: folder,
    below: folder,
  },
  {
    what: 'the module, scope from the base',
    options: `filename: 'workers/ferry.js', scope: './'`,
    base: folder,
    below: folder,
    imports: true,
  },
  {
    what: 'a tag, a scope of its own',
    options: `scope: '${folder}'`,
    base: folder,
    below: folder,
  },
  {
    what: 'a tag, many options',
    options: `injectRegister: 'script', registerType: 'autoUpdate'`,
    connect: `runtimes: false, timeoutMs: 9000, retry: { attempts: 2 }, files: ['/weights/*'], shell: ['/more/*'],
      frontend: { app: 'an "app" & more', origins: ['https://hub.example'] }`,
  },
  {
    what: 'the module, many options',
    options: `registerType: 'autoUpdate'`,
    connect: `runtimes: false, timeoutMs: 9000, retry: { attempts: 2 }, files: ['/weights/*'], shell: ['/more/*'],
      frontend: { app: 'an "app" & more', origins: ['https://hub.example'] }`,
    imports: true,
  },
]
