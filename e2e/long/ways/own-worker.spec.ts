import { join } from 'node:path'
import { expect } from '@playwright/test'
import type { Page } from '@playwright/test'
import type { connect, Ferry } from 'modelferry'
import type { StageWindow } from '../../stage/StageWindow.ts'
import { serveFolder } from '../../ways/stage/serveFolder.ts'
import { test } from '../../ways/stage/test.ts'

const page = `<!doctype html><html lang="en"><title>app</title><link rel="icon" href="data:,">
<script src="/modelferry.js"></script>`

/** Listens like a router: it answers its own routes and leaves all others to the browser. */
const router = (version: number): string => `
addEventListener('fetch', (event) => {
  const { pathname } = new URL(event.request.url)
  if (pathname === '/version') event.respondWith(new Response('${version}'))
  else if (pathname.endsWith('.onnx')) event.respondWith(new Response('the router took it'))
})`

/** Connects with the app's own registration. @returns whether the page is controlled */
async function connectApp(page: Page, hub: string): Promise<boolean> {
  return await page.evaluate(async (hub) => {
    const { modelferry } = window as unknown as { modelferry: { connect: typeof connect } }
    const serviceWorker = await navigator.serviceWorker.register('/sw.js')
    const ferry: Ferry = await modelferry.connect({ serviceWorker, hubs: [hub] })
    ;(window as unknown as StageWindow).ferry = ferry
    return ferry.controlled
  }, hub)
}

for (const way of ['importScripts', 'install'] as const)
  test(`a service worker of the app's own, by ${way}`, async ({ project, stage }) => {
    await project.write('package.json', '{ "type": "module" }')
    await project.write('public/index.html', page)
    await project.run('npx modelferry init public --script')
    const write = async (version: number): Promise<void> => {
      const hubs = JSON.stringify({ hubs: [stage.hub.url], shell: ['/', '/modelferry.js'] })
      if (way === 'importScripts') {
        const lines = `self.modelferry = ${hubs}\nimportScripts('/modelferry-sw.js')`
        await project.write('public/sw.js', lines + router(version))
      } else {
        const lines = `import { install } from 'modelferry/sw'\ninstall(self, ${hubs})`
        await project.write('sw.js', lines + router(version))
        await project.run(
          'npx vite build --logLevel warn --outDir public --emptyOutDir false --config sw.config.js',
        )
      }
    }
    await project.write(
      'sw.config.js',
      `export default { publicDir: false, define: { 'process.env.NODE_ENV': '"production"' },
        build: { lib: { entry: 'sw.js', formats: ['iife'], name: 'sw', fileName: () => 'sw.js' } } }`,
    )
    await write(1)
    const site = await serveFolder(join(project.folder, 'public'))
    const { page: tab } = stage
    const version = async (): Promise<string> =>
      await tab.evaluate(async () => await (await fetch('/version')).text())
    try {
      const { vad } = stage.files
      await tab.goto(site.url)
      // Neither it nor modelferry claims a page; `ferry.fetch` works anyway.
      expect(await connectApp(tab, stage.hub.url)).toBe(false)
      await tab.reload()
      expect(await connectApp(tab, stage.hub.url)).toBe(true)
      expect(await stage.fetch(vad)).toMatchObject({ status: 200, sha256: vad.sha256 })
      expect((await stage.fetch(vad)).headers['x-modelferry']).toBe('hit')
      expect(await version()).toBe('1')

      // The app decides when a newer version takes over.
      await write(2)
      await tab.reload()
      expect(await connectApp(tab, stage.hub.url)).toBe(true)
      await tab.waitForFunction(
        async () => (await navigator.serviceWorker.getRegistration())?.waiting != null,
      )
      expect(await version()).toBe('1')
      await Promise.all([site.close(), stage.hub.close()])
      await stage.context.setOffline(true)
      await tab.reload()
      expect(await connectApp(tab, stage.hub.url)).toBe(true)
      const offline = await stage.fetch(vad)
      expect(offline).toMatchObject({ status: 200, sha256: vad.sha256 })
      expect(offline.headers['x-modelferry']).toBe('hit')
    } finally {
      await site.close()
    }
  })
