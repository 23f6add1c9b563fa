import { readScript, selfDestroyingWorker } from '../shipping/index.ts'
import { resolvePluginOptions, type PluginOptions } from './options.ts'
import {
  appFiles,
  copiedFiles,
  pageScript,
  pageTags,
  shellMark,
  shellAttributes,
  type AppFiles,
  virtualModule,
} from './page.ts'
import { posix } from 'node:path'
import type { Connect, Plugin, ResolvedConfig } from 'vite'

/** Text of `virtual:modelferry` where there is no page: importing it is safe, and only a call fails. */
const serverModule: string = `const message =
  'connect() of virtual:modelferry was called on the server. Call it in the browser only, for instance when a component is mounted.'
export const serviceWorker = false
export const worker = ''
export const scope = ''
export async function connect() {
  throw new Error(message)
}
`

const virtual = 'virtual:modelferry'
const resolved = `\0${virtual}`
/** Placeholder in a chunk for the relative path from it to the root of the app. */
const rootMark = '__MODELFERRY_ROOT__'

/**
 * Vite plugin: serves the worker files in development, puts them into the build, and connects the app's pages.
 *
 * @param options values that differ from the defaults
 * @throws FerryError `configuration` naming the option
 * @example
 * // vite.config.ts
 * import { modelferry } from 'modelferry/vite'
 * export default { plugins: [modelferry({ connect: { hubs: ['https://huggingface.co'] } })] }
 */
export function modelferry(options: PluginOptions = {}): Plugin {
  const settings = resolvePluginOptions(options)
  const { filename, folder, injectRegister, dev } = settings
  const list = 'modelferry-shell.json'
  const page = `${folder}modelferry.js`
  const worker = `${folder}modelferry-worker.js`
  let config: ResolvedConfig
  let imported = false

  const texts: Readonly<Record<string, () => Promise<string>>> = {
    // If there is none in development, a service worker from an earlier run may still be registered.
    [filename]: async () =>
      dev || config.command === 'build'
        ? await readScript('modelferry-sw.js')
        : selfDestroyingWorker(false),
    [worker]: () => readScript('modelferry-worker.js'),
    [page]: async () => pageScript(settings, await readScript('modelferry.js')),
  }
  const relative = (): boolean => config.base === '' || config.base === './'
  /** Path of the base: the workers must be on the page's own origin, even when its assets are elsewhere. */
  const basePath = (): string => new URL(config.base, 'http://base').pathname
  const rootFrom = (page: string): string => {
    const up = posix.relative(posix.dirname(page), '.')
    return relative() && config.command === 'build' ? up && `${up}/` : basePath()
  }
  const mode = (): ReturnType<typeof decide> =>
    decide(injectRegister, imported, config.command, dev)
  const appOf = (bundle: object): AppFiles =>
    appFiles({
      built: Object.keys(bundle),
      copied: copiedFiles(config.publicDir),
      ours: [...Object.keys(texts), list],
      assets: /^(?:https?:)?\/\//.test(config.base) ? config.base : '',
      // With relative links a page works only under its own path.
      routes: config.appType === 'spa' && !relative(),
    })

  return {
    name: 'modelferry',
    config: () => ({ optimizeDeps: { include: ['modelferry'] } }),
    configResolved(found) {
      config = found
    },
    configureServer: ({ middlewares }) => {
      middlewares.use(serve(texts, basePath))
    },
    configurePreviewServer: ({ middlewares }) => {
      middlewares.use(allow(filename, basePath))
    },
    resolveId: (id) => (id === virtual ? resolved : undefined),
    load(id) {
      if (id !== resolved) return undefined
      if (isServer(this)) return serverModule
      imported = true
      const development = config.command === 'serve'
      const root =
        !development && relative()
          ? `new URL(${rootMark}, import.meta.url)`
          : `new URL(${JSON.stringify(basePath())}, location.href)`
      const place = { root, development, list: development ? undefined : list }
      return virtualModule(settings, place)
    },
    renderChunk(code, { fileName }) {
      if (!code.includes(rootMark)) return undefined
      const up = posix.relative(posix.dirname(fileName), '.')
      return { code: code.replaceAll(rootMark, JSON.stringify(up ? `${up}/` : './')), map: null }
    },
    transformIndexHtml: {
      order: 'post',
      async handler(_html, { path, bundle }) {
        const chosen = mode()
        if (chosen === null) return []
        const root = rootFrom(path.replace(/^\//, ''))
        const script = chosen === 'inline' ? await readScript('modelferry.js') : ''
        return pageTags(settings, { root, mode: chosen, script, building: bundle !== undefined })
      },
    },
    generateBundle: {
      order: 'post',
      async handler(_options, bundle) {
        const chosen = mode()
        if (isServer(this) || (chosen === null && !imported)) return
        const app = appOf(bundle)
        for (const each of Object.values(bundle)) {
          if (each.type !== 'asset' || !each.fileName.endsWith('.html')) continue
          const attributes = shellAttributes(settings, rootFrom(each.fileName), app, list)
          each.source = String(each.source).replace(` ${shellMark}`, () => serialized(attributes))
        }
        const wanted =
          chosen === null || chosen === 'inline' ? [filename, worker] : Object.keys(texts)
        for (const name of wanted) {
          this.emitFile({ type: 'asset', fileName: name, source: (await texts[name]?.()) ?? '' })
        }
        this.emitFile({ type: 'asset', fileName: list, source: JSON.stringify(app) })
        const here = new URL(basePath(), 'http://base')
        const { pathname } = new URL(settings.scope ?? './', here)
        if (!pathname.startsWith(new URL(folder, here).pathname)) {
          this.warn(
            `${filename} controls ${pathname} only where it is served with the header "Service-Worker-Allowed: ${pathname}".`,
          )
        }
      },
    },
  }
}

/** Serialises attributes for HTML. */
function serialized(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes)
    .map(
      ([name, value]) => ` ${name}="${value.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"`,
    )
    .join('')
}

function isServer(place: { environment?: { config: { consumer: string } } }): boolean {
  return place.environment?.config.consumer === 'server'
}

/** Chooses how a page connects; null: not at all. */
function decide(
  wanted: PluginOptions['injectRegister'],
  imported: boolean,
  command: 'build' | 'serve',
  dev: boolean,
): 'inline' | 'script' | 'script-defer' | 'late' | null {
  if (command === 'serve' && !dev) return null
  if (wanted !== 'auto') return wanted ?? null
  if (command === 'serve') return 'late'
  return imported ? null : 'script'
}

/** Serves modelferry's files in development. */
function serve(
  texts: Readonly<Record<string, () => Promise<string>>>,
  basePath: () => string,
): Connect.NextHandleFunction {
  return (request, response, next) => {
    const { pathname } = new URL(request.url ?? '/', 'http://base')
    const base = basePath()
    const text = texts[pathname.startsWith(base) ? pathname.slice(base.length) : pathname.slice(1)]
    if (text === undefined) return next()
    const answer = async (): Promise<void> => {
      try {
        const body = await text()
        response.setHeader('content-type', 'text/javascript; charset=utf-8')
        response.setHeader('cache-control', 'no-cache')
        response.setHeader('service-worker-allowed', '/')
        response.end(body)
      } catch (error) {
        next(error)
      }
    }
    void answer()
  }
}

/** Lets the service worker file control more than its own folder, in the preview server. */
function allow(filename: string, basePath: () => string): Connect.NextHandleFunction {
  return (request, response, next) => {
    const { pathname } = new URL(request.url ?? '/', 'http://base')
    if (pathname === basePath() + filename) response.setHeader('service-worker-allowed', '/')
    next()
  }
}
