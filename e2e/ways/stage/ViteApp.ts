import { join } from 'node:path'
import { expect } from '@playwright/test'
import type { Stage } from '../../stage/Stage.ts'
import { type FolderSite, serveFolder } from './serveFolder.ts'
import { startVite } from './startVite.ts'
import type { ViteWay } from './ViteWay.ts'
import type { WayProject } from './WayProject.ts'

interface AppWindow {
  /** The label of the response to the page's first fetch. */
  label: Promise<string | null>
  /** Loads the app's lazy parts: code, a worker, a font, a public file. */
  late(): Promise<string>
}

const page = `<!doctype html><html lang="en"><head><title>app</title>
<link rel="icon" href="data:,"></head><body><p id="app"></p>
<script type="module" src="/main.js"></script></body></html>`

const late = 'code, worker, font, public'

/** An app built by Vite with the plugin: it fetches a model at once, and parts of itself later. */
export class ViteApp {
  readonly #project: WayProject
  readonly #stage: Stage
  readonly #way: Omit<ViteWay, 'what'>

  constructor(project: WayProject, stage: Stage, way: Omit<ViteWay, 'what'>) {
    this.#project = project
    this.#stage = stage
    this.#way = way
  }

  /** @param cdn URL that replaces `CDN` */
  async write(cdn: string = ''): Promise<void> {
    const { hub, files } = this.#stage
    const { options, connect = '', base = '/', imports = false, pages = [] } = this.#way
    const write = async (name: string, text: string): Promise<void> =>
      await this.#project.write(name, text)
    await write('package.json', '{ "type": "module" }')
    await write(
      'vite.config.js',
      `import { modelferry } from 'modelferry/vite'
export default {
  base: ${JSON.stringify(base === 'CDN' ? cdn : base)},
  plugins: [modelferry({ connect: { hubs: ['${hub.url}'], ${connect} }, ${options} })],
  build: { assetsInlineLimit: 0, rollupOptions: { input: ${JSON.stringify(['index.html', ...pages])} } },
}`,
    )
    await write('index.html', page)
    for (const name of pages) await write(name, page.replace('app</title>', `${name}</title>`))
    await write('late.js', `import './late.css'\nexport const words = 'code'`)
    await write('late.css', `@font-face { font-family: own; src: url('./own.woff2') }`)
    await write('own.woff2', 'font')
    await write('answer.worker.js', `postMessage('worker')`)
    await write('public/words.txt', 'public')
    await write(
      'main.js',
      `${imports ? "import { connect } from 'virtual:modelferry'\nconst ready = connect()" : 'const ready = globalThis.modelferry?.ready'}
import font from './own.woff2?url'
const text = async (url) => await (await fetch(url)).text()
window.ready = ready
window.label = Promise.resolve(ready).then(async () => {
  const response = await fetch('${this.#stage.url(files.vad)}')
  await response.arrayBuffer()
  return response.headers.get('x-modelferry')
})
const work = () => new Promise((resolve, reject) => {
  const worker = new Worker(new URL('./answer.worker.js', import.meta.url), { type: 'module' })
  worker.onmessage = ({ data }) => resolve(data)
  worker.onerror = () => reject(new Error('The worker did not start.'))
})
window.late = async () => {
  const { words } = await import('./late.js')
  const own = ${base === 'CDN' ? "'worker'" : 'await work()'}
  return [words, own, await text(font), await text(import.meta.env.BASE_URL + 'words.txt')].join(', ')
}
document.querySelector('#app').textContent = 'here'
`,
    )
  }

  async build(): Promise<void> {
    await this.#project.run('npx vite build --logLevel error')
  }

  /** Serves the build. */
  async serve(headers: Readonly<Record<string, string>> = {}): Promise<FolderSite> {
    return await serveFolder(join(this.#project.folder, 'dist'), this.#way.below, headers)
  }

  /** Starts the development server or the preview server. */
  async start(command: 'dev' | 'preview'): Promise<FolderSite> {
    return await startVite(this.#project.folder, command)
  }

  async label(): Promise<string | null> {
    return await this.#stage.page.evaluate(async () => await (window as unknown as AppWindow).label)
  }

  /** Expects the page with all its lazy parts. */
  async expectWhole(): Promise<void> {
    await expect(this.#stage.page.locator('#app')).toHaveText('here')
    const parts = await this.#stage.page.evaluate(
      async () => await (window as unknown as AppWindow).late(),
    )
    expect(parts).toBe(late)
  }

  /** Waits until the service worker has stored the whole app, including parts this page has not requested. */
  async expectKept(): Promise<void> {
    const names = ['index.html', 'late-', 'answer.worker-', 'own-', 'words.txt']
    for (const name of names)
      await expect.poll(async () => (await this.#kept()).join(' ')).toContain(name)
  }

  async #kept(): Promise<string[]> {
    return await this.#stage.page.evaluate(async () => {
      const names = (await caches.keys()).filter((name) => name.startsWith('modelferry-shell'))
      const found = await Promise.all(
        names.map(async (name) => await (await caches.open(name)).keys()),
      )
      return found.flat().map(({ url }) => new URL(url).pathname)
    })
  }
}
