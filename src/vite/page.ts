import { isWeights } from '../core/index.ts'
import { afterConnect } from './after-connect.ts'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { posix, join, relative, sep } from 'node:path'
import type { PluginSettings } from './options.ts'
import type { HtmlTagDescriptor } from 'vite'

/**
 * Attributes of a page's tag that say what is kept of the app.
 *
 * @param root from the page to where the app is published, empty or with a slash at its end
 * @param app undefined in development, where nothing is kept
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

/** What a page's tag says. */
export interface TagPlace {
  /** From the page to where the app is published, empty or with a slash at its end. */
  readonly root: string
  /** The way in, decided. */
  readonly way: 'inline' | 'script' | 'script-defer' | 'late'
  /** Text of modelferry.js. */
  readonly script: string
  /** Whether a build is under way, whose files are not all known yet. */
  readonly building: boolean
}

/** Stands in a built page's tag for the attributes that say what is kept: that is known when all pages are made. */
export const shellMark = 'data-modelferry-app'

/** What comes after modelferry.js in the file that a tag names. */
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

/** The tag that connects a page by itself. */
export function pageTags(settings: PluginSettings, place: TagPlace): HtmlTagDescriptor[] {
  const { filename, folder, scope, connect } = settings
  const { root, way, script, building } = place
  const { hubs, files, runtimes, frontend, retry, timeoutMs } = connect
  const others = JSON.stringify({ frontend, retry, timeoutMs })
  const attrs: Record<string, string | boolean> = {
    'data-auto': true,
    'data-service-worker': root + filename,
    // connect() takes it from the service worker file's own folder.
    ...((scope !== undefined || folder !== '') && {
      'data-scope': (isRooted(scope) ? '' : folder.replaceAll(/[^/]+\//g, '../')) + (scope ?? ''),
    }),
    ...(hubs && { 'data-hubs': hubs.join(' ') }),
    ...(files && { 'data-files': files.join(' ') }),
    ...(runtimes === false && { 'data-runtimes': 'false' }),
    ...(others !== '{}' && { 'data-options': others }),
    ...(building ? { [shellMark]: true } : shellAttributes(settings, root, undefined, '')),
  }
  const src = `${root}${folder}modelferry.js`
  if (way === 'late') {
    // In development nobody knows yet whether the app imports the module: its scripts run before this one.
    const text = `if (!globalThis[Symbol.for('modelferry')]) {
  const tag = document.createElement('script')
  const attributes = ${JSON.stringify({ ...attrs, src })}
  for (const name in attributes) tag.setAttribute(name, attributes[name])
  document.head.append(tag)
}`
    return [{ tag: 'script', attrs: { type: 'module' }, children: text, injectTo: 'body' }]
  }
  if (way === 'inline') {
    const children = pageScript(settings, script).replaceAll('</script', String.raw`<\/script`)
    return [{ tag: 'script', attrs, children, injectTo: 'head-prepend' }]
  }
  const when = way === 'script-defer' ? { defer: true } : {}
  return [{ tag: 'script', attrs: { ...attrs, src, ...when }, injectTo: 'head-prepend' }]
}

function isRooted(scope: string = ''): boolean {
  return /^(?:\/|https?:)/.test(scope)
}

/** Copied files above this are kept when the page uses them, not at once: it may never, bytes. */
const atOnce = 2 * 1024 * 1024

/** What a build has made. */
export interface AppBuild {
  /** Names of what the build made. */
  readonly built: readonly string[]
  /** What was copied from the public folder. */
  readonly copied: readonly CopiedFile[]
  /** Names that the browser or connect() takes care of. */
  readonly ours: readonly string[]
  /** Where all but pages is published, with a slash at its end; empty: where the pages are. */
  readonly assets: string
  /** Whether a page of this build can be shown under any address: a single-page app, and not one of relative links. */
  readonly routes: boolean
}

/** What an app is made of, relative to where it is published. */
export interface AppFiles {
  /** What its service worker keeps when the page uses it, `*` stands for anything. */
  readonly patterns: readonly string[]
  /** What is kept at once, so that the whole app is there offline, with what it loads late. */
  readonly files: readonly string[]
  /** The page that stands for every address: there is one only, at the top. */
  readonly page?: string
}

/** What the service worker keeps of a build, and which page it has for addresses that are the app's own affair. */
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

/** A file that a build copies as it is. */
export interface CopiedFile {
  /** Below the folder, with slashes. */
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
