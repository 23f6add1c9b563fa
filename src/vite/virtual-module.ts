import { afterConnect } from './after-connect.ts'
import type { PluginSettings } from './options.ts'

/** Values that depend on where the module is loaded. */
export interface VirtualPlace {
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
