import { createServer } from 'node:http'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import type { Stage } from '../../stage/Stage.ts'
import { connectOwn } from '../../ways/stage/connectOwn.ts'
import { serveFolder } from '../../ways/stage/serveFolder.ts'
import { test as base } from '../../ways/stage/test.ts'
import type { WayProject } from '../../ways/stage/WayProject.ts'
import { closeServer, listenLocally } from '../../stage/local-server.ts'

const page = `<!doctype html><html lang="en"><title>app</title><link rel="icon" href="data:,">
<script src="/modelferry.js"></script><p id="app">here</p>`

/** Typical routes of an app with Workbox; the last route matches every cross-origin request, including models. */
const routes = (version: number): string => `
precacheAndRoute(['/', '/modelferry.js', '/modelferry-worker.js'].map((url) => ({ url, revision: '${version}' })))
registerRoute(new NavigationRoute(createHandlerBoundToURL('/')))
registerRoute(({ url }) => url.pathname === '/version', async () => new Response('${version}'))
registerRoute(({ url }) => url.origin !== location.origin, new CacheFirst({ cacheName: 'elsewhere' }))
`

const imports = `import { createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'
import { CacheFirst } from 'workbox-strategies'
`

interface WorkboxFixtures {
  /** URL of a file that is no model, on another origin. */
  other: string
}

const test = base.extend<WorkboxFixtures>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of fixtures from the pattern
  other: async ({}, use) => {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'access-control-allow-origin': '*' }).end('other')
    })
    await use(`http://127.0.0.1:${await listenLocally(server)}/data.json`)
    await closeServer(server)
  },
})

/** The app's own service worker, bundled. */
async function bundle(project: WayProject, text: string): Promise<void> {
  await project.write('sw.js', text)
  await project.write(
    'sw.config.js',
    `export default { publicDir: false, define: { 'process.env.NODE_ENV': '"production"' },
      build: { outDir: 'public', emptyOutDir: false,
        lib: { entry: 'sw.js', formats: ['iife'], name: 'sw', fileName: () => 'sw.js' } } }`,
  )
  await project.run('npx vite build --logLevel warn --config sw.config.js')
}

async function begin(project: WayProject): Promise<void> {
  await project.write('package.json', '{ "type": "module" }')
  await project.write('public/index.html', page)
  await project.run('npx modelferry init public --script')
}

/** Entries of the caches whose names have this prefix. */
async function cached({ page }: Stage): Promise<Record<string, string[]>> {
  return await page.evaluate(async () => {
    const all: Record<string, string[]> = {}
    for (const name of await caches.keys()) {
      const requests = await (await caches.open(name)).keys()
      all[name] = requests.map(({ url }) => url)
    }
    return all
  })
}

for (const way of ['install', 'importScripts'] as const)
  test(`beside Workbox, by ${way}: modelferry handles models, Workbox everything else`, async ({
    project,
    stage,
    other,
  }) => {
    const { page: tab, hub, files, context } = stage
    const hubs = JSON.stringify({ hubs: [hub.url] })
    const lines =
      way === 'install'
        ? `import { install } from 'modelferry/sw'\n${imports}install(self, ${hubs})`
        : `${imports}self.modelferry = ${hubs}\nimportScripts('/modelferry-sw.js')`
    await begin(project)
    await bundle(project, lines + routes(1))
    const site = await serveFolder(join(project.folder, 'public'))
    const connect = async (): Promise<boolean> =>
      await tab.evaluate(connectOwn, { hubs: [hub.url] })
    const text = async (url: string): Promise<string | undefined> => (await stage.fetch(url)).text
    const version = async (): Promise<string | undefined> => await text(`${site.url}version`)
    try {
      await tab.goto(site.url)
      // Neither claims the page: the app must do that.
      expect(await connect()).toBe(false)
      await tab.reload()
      expect(await connect()).toBe(true)
      const { vad } = files
      expect(await stage.fetch(vad)).toMatchObject({ status: 200, sha256: vad.sha256 })
      expect((await stage.fetch(vad)).headers['x-modelferry']).toBe('hit')
      expect(await version()).toBe('1')
      expect(await text(other)).toBe('other')

      const precache = `workbox-precache-v2-${site.url}`
      const caches = await cached(stage)
      expect(caches[precache]).toHaveLength(3)
      expect(caches['elsewhere']).toEqual([other])

      // A newer version waits until the app activates it.
      await bundle(project, lines + routes(2))
      await tab.reload()
      expect(await connect()).toBe(true)
      await tab.waitForFunction(
        async () => (await navigator.serviceWorker.getRegistration())?.waiting != null,
      )
      expect(await version()).toBe('1')

      await Promise.all([site.close(), hub.close()])
      await context.setOffline(true)
      await tab.goto(`${site.url}some/route`)
      await expect(tab.locator('#app')).toHaveText('here')
      expect(await connect()).toBe(true)
      const offline = await stage.fetch(vad)
      expect(offline).toMatchObject({ status: 200, sha256: vad.sha256 })
      expect(offline.headers['x-modelferry']).toBe('hit')
      expect(await text(other)).toBe('other')
      expect(await stage.events('fault')).toEqual([])
    } finally {
      await site.close()
    }
  })

test('Workbox before modelferry: it handles the models, as the guide says', async ({
  project,
  stage,
}) => {
  const { page: tab, hub, files } = stage
  const last = `\nimport { install } from 'modelferry/sw'\ninstall(self, { hubs: ['${hub.url}'] })`
  await begin(project)
  await bundle(project, imports + routes(1) + last)
  const site = await serveFolder(join(project.folder, 'public'))
  try {
    await tab.goto(site.url)
    await tab.evaluate(connectOwn, { hubs: [hub.url] })
    await tab.reload()
    expect(await tab.evaluate(connectOwn, { hubs: [hub.url] })).toBe(true)
    const { vad } = files
    const answer = await stage.fetch(vad)
    expect(answer).toMatchObject({ status: 200, sha256: vad.sha256 })
    expect(answer.headers).not.toHaveProperty('x-modelferry')
    expect(await stage.held()).toEqual([])
    expect((await cached(stage))['elsewhere']).toEqual([stage.url(vad)])
  } finally {
    await site.close()
  }
})
