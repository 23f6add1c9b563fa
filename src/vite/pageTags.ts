import type { HtmlTagDescriptor } from 'vite'
import { afterConnect } from './afterConnect.ts'
import type { PluginSettings } from './PluginSettings.ts'
import { shellAttributes } from './shellAttributes.ts'

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
