import { isWeights } from '../address/index.ts'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { posix, join, relative, sep } from 'node:path'
import type { PluginSettings } from './options.ts'
import type { HtmlTagDescriptor } from 'vite'

/**
 * Attributes of a page's tag that list the app's files to store.
 *
 * @param root from the page to the root of the app, empty or with a trailing slash
 * @param app undefined in development, where nothing is stored
 * @param list name of the list of the app's files
 */
export function shellAttributes(
  { connect }: PluginSettings,
  root: string,
  app: AppFiles | undefined,
  list: string,
): Record<string, string> {
  const own = (name: string): string => (/^https?:/.test(name) ? name : root + name)
  const shell = [...(app ? [...app.patterns, list].map(own) : []), ...(connect.shell ?? [])]
  const page = connect.navigateFallback ?? (app?.page === undefined ? false : own(app.page))
  return {
    ...(shell.length > 0 && { 'data-shell': shell.join(' ') }),
    ...(page !== false && { 'data-navigate-fallback': page }),
    ...(app && { 'data-list': root + list }),
  }
}

/** Values for a page's tag. */
interface TagPlace {
  /** From the page to the root of the app, empty or with a trailing slash. */
  readonly root: string
  /** The chosen way to connect. */
  readonly mode: 'inline' | 'script' | 'script-defer' | 'late'
  /** Text of modelferry.js. */
  readonly script: string
  /** Whether a build is running, whose files are not all known yet. */
  readonly building: boolean
}

/**
 * Placeholder in a built page's tag for the attributes that list the stored files. They are known when all pages are
 * built.
 */
export const shellMark = 'data-modelferry-app'

/** The code after modelferry.js in the file that a tag loads. */
export function pageScript(settings: PluginSettings, script: string): string {
  return `${script}
;(() => {
  ${afterConnect(settings)}
  const { list } = document.currentScript.dataset
  const url = list && new URL(list, location.href)
  modelferry.ready?.then(async (ferry) => {
    const { files } = url ? await (await fetch(url)).json() : { files: [] }
    await afterConnect(ferry, files.map((name) => new URL(name, url).href))
  }).catch(() => undefined)
})()
`
}

/** The tag that connects a page automatically. */
export function pageTags(settings: PluginSettings, place: TagPlace): HtmlTagDescriptor[] {
  const { filename, folder, scope, connect } = settings
  const { root, mode, script, building } = place
  const { hubs, files, runtimes, shell: _shell, navigateFallback: _page, ...more } = connect
  // An attribute of words cannot hold a pattern with a key, but JSON can.
  const words = files?.filter((file) => typeof file === 'string')
  const keyed = words?.length === files?.length ? undefined : files
  const others = JSON.stringify({ ...more, files: keyed })
  const attrs: Record<string, string | boolean> = {
    'data-auto': true,
    'data-service-worker': root + filename,
    // By default connect() uses the service worker file's own folder.
    ...((scope !== undefined || folder !== '') && {
      'data-scope': (isRooted(scope) ? '' : folder.replaceAll(/[^/]+\//g, '../')) + (scope ?? ''),
    }),
    ...(hubs && { 'data-hubs': hubs.join(' ') }),
    ...(words && !keyed && { 'data-files': words.join(' ') }),
    ...(runtimes === false && { 'data-runtimes': 'false' }),
    ...(others !== '{}' && { 'data-options': others }),
    ...(building ? { [shellMark]: true } : shellAttributes(settings, root, undefined, '')),
  }
  const src = `${root}${folder}modelferry.js`
  if (mode === 'late') {
    // In development it is unknown whether the app imports the module. Its scripts run before this one.
    const text = `if (!globalThis[Symbol.for('modelferry')]) {
  const tag = document.createElement('script')
  const attributes = ${JSON.stringify({ ...attrs, src })}
  for (const name in attributes) tag.setAttribute(name, attributes[name])
  document.head.append(tag)
}`
    return [{ tag: 'script', attrs: { type: 'module' }, children: text, injectTo: 'body' }]
  }
  if (mode === 'inline') {
    const children = pageScript(settings, script).replaceAll('</script', String.raw`<\/script`)
    return [{ tag: 'script', attrs, children, injectTo: 'head-prepend' }]
  }
  const when = mode === 'script-defer' ? { defer: true } : {}
  return [{ tag: 'script', attrs: { ...attrs, src, ...when }, injectTo: 'head-prepend' }]
}

function isRooted(scope: string = ''): boolean {
  return /^(?:\/|https?:)/.test(scope)
}

/** Larger copied files are stored when the page uses them, which it may never do. Bytes. */
const atOnce = 2 * 1024 * 1024

/** The output of a build. */
interface AppBuild {
  /** Names of the built files. */
  readonly built: readonly string[]
  /** Files that were copied from the public folder. */
  readonly copied: readonly CopiedFile[]
  /** Names of modelferry's own files, which the browser or connect() loads. */
  readonly ours: readonly string[]
  /** Base URL of all files but pages, with a trailing slash; empty: the same as for pages. */
  readonly assets: string
  /** Whether a page of this build can be shown under any path: a single-page app without relative links. */
  readonly routes: boolean
}

/** The files of an app, relative to its root. */
export interface AppFiles {
  /** Files that its service worker stores when the page uses them; `*` matches anything. */
  readonly patterns: readonly string[]
  /** Files that are stored at once, so that the whole app works offline, including lazily loaded files. */
  readonly files: readonly string[]
  /** The fallback page of all navigations: only when there is exactly one page, at the root. */
  readonly page?: string
}

/** Lists the files of a build that the service worker stores, and its fallback page for client-side routes. */
export function appFiles({ built, copied, ours, assets, routes }: AppBuild): AppFiles {
  const place = (name: string): string => (name.endsWith('.html') ? name : assets + name)
  const files = built.filter((name) => !name.endsWith('.map') && !ours.includes(name)).toSorted()
  const others = copied.filter(({ name }) => !ours.includes(name) && !/^[._]/.test(name))
  const tops = [...files, ...others.map(({ name }) => name)].map((name) => {
    const [top = '', below] = name.split('/', 2)
    if (below === undefined) return place(top)
    return name.endsWith('.html') ? `${top}/*` : `${assets}${top}/*`
  })
  const pages = files.filter((name) => name.endsWith('.html'))
  const folders = pages
    .filter((name) => posix.basename(name) === 'index.html')
    .map((name) => name.slice(0, -'index.html'.length) || './')
  const whole = others
    .filter(({ name, size }) => size <= atOnce && !isWeights(name) && !files.includes(name))
    .map(({ name }) => name)
    .toSorted()
  return {
    patterns: [...new Set([...folders, ...tops])].toSorted(),
    files: [...folders, ...[...files, ...whole].map(place)],
    ...(routes && pages.length === 1 && folders[0] === './' && { page: './' }),
  }
}

/** A file that a build copies unchanged. */
interface CopiedFile {
  /** Path below the folder, with slashes. */
  readonly name: string
  /** Bytes. */
  readonly size: number
}

/** @param folder of the files, need not exist; empty: there is none */
export function copiedFiles(folder: string): CopiedFile[] {
  if (folder === '' || !existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => {
      const file = join(entry.parentPath, entry.name)
      return { name: relative(folder, file).split(sep).join('/'), size: statSync(file).size }
    })
}

/** Values that depend on where the module is loaded. */
interface VirtualPlace {
  /** JavaScript of the app's root, a URL. */
  readonly root: string
  readonly development: boolean
  /** Name of the list of the app's files, below the root; undefined in development. */
  readonly list: string | undefined
}

/** Text of `virtual:modelferry` for pages. */
export function virtualModule(settings: PluginSettings, place: VirtualPlace): string {
  const { filename, folder, scope, connect, dev } = settings
  const { root, development, list } = place
  const list0 = list === undefined ? 'undefined' : `new URL(${JSON.stringify(list)}, root)`
  return `import { connect as connectPage } from 'modelferry'
globalThis[Symbol.for('modelferry')] = true
const root = ${root}
const at = (name) => new URL(name, root).href
const path = (name) => new URL(name, root).pathname
const list = ${list0}
const given = ${JSON.stringify(connect)}
${afterConnect(settings)}
export const serviceWorker = ${development && !dev ? 'false' : `path(${JSON.stringify(filename)})`}
export const worker = path(${JSON.stringify(`${folder}modelferry-worker.js`)})
export const scope = path(${JSON.stringify(scope ?? './')})
export async function connect(options = {}) {
  const answer = list && (await fetch(list).catch(() => undefined))
  const { patterns, files, page } = answer?.ok ? await answer.json() : { patterns: [], files: [] }
  const { shell = given.shell ?? [], ...others } = options
  const ferry = await connectPage({
    ...(page !== undefined && { navigateFallback: at(page) }),
    ...given,
    serviceWorker,
    worker,
    scope,
    ...others,
    shell: [...patterns.map(at), ...(list ? [list.href] : []), ...shell],
  })
  void afterConnect(ferry, files.map(at))
  return ferry
}
`
}

/** A page with other options takes over too: two pages that alternate would reload each other endlessly. */
const reloading = `const mark = 'modelferry:reloaded-for'
    if (now === before || sessionStorage.getItem(mark) !== now) {
      if (now !== before) sessionStorage.setItem(mark, now ?? '')
      return location.reload()
    }
    `

/**
 * JavaScript of a function `afterConnect(ferry, files)`, for pages: stores the app's files, and reacts when a newer
 * version takes over.
 */
function afterConnect({ registerType }: PluginSettings): string {
  return `async function afterConnect(ferry, files) {
  if (!ferry.controlled) return
  const workers = navigator.serviceWorker
  const before = workers.controller?.scriptURL
  workers.addEventListener('controllerchange', () => {
    const now = workers.controller?.scriptURL
    ${registerType === 'autoUpdate' ? reloading : ''}dispatchEvent(new Event('modelferry:update'))
  }, { once: true })
  for (const url of files) {
    // Through the service worker, which stores the configured files.
    if (!(await caches.match(url))) await fetch(url).catch(() => undefined)
  }
}`
}
