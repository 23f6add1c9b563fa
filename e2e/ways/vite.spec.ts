import { join } from 'node:path'
import { expect } from '@playwright/test'
import type { Stage } from '../stage/Stage.ts'
import { serveFolder } from './stage/serveFolder.ts'
import type { WayProject } from './stage/WayProject.ts'
import { startVite } from './stage/startVite.ts'
import { test } from './stage/test.ts'

interface AppWindow {
  /** The label of the answer to what the page fetches at once. */
  label: Promise<string | null>
}

const page = `<!doctype html><html lang="en"><head><title>app</title>
<link rel="icon" href="data:,"></head><body><p id="app"></p>
<script type="module" src="./main.js"></script></body></html>`

/** An app that loads a part of itself late, and a model. */
async function writeApp(project: WayProject, stage: Stage, options: string): Promise<void> {
  const { hub, files } = stage
  const connect = `connect: { hubs: ['${hub.url}'] }`
  await project.write('package.json', '{ "type": "module" }')
  await project.write(
    'vite.config.js',
    `import { modelferry } from 'modelferry/vite'
export default { plugins: [modelferry({ ${connect}, ${options} })], ${options.includes('relative') ? "base: './'" : ''} }`,
  )
  await project.write('index.html', page)
  await project.write('late.js', `export const words = 'loaded late'`)
  await project.write('public/words.txt', 'from the public folder')
  await project.write(
    'main.js',
    `${options.includes('null') ? "import { connect } from 'virtual:modelferry'\nconst ready = connect()" : 'const ready = globalThis.modelferry?.ready'}
window.label = Promise.resolve(ready).then(async () => {
  const response = await fetch('${stage.url(files.vad)}')
  await response.arrayBuffer()
  return response.headers.get('x-modelferry')
})
document.querySelector('#app').textContent = 'here'
window.late = async () => {
  document.querySelector('#app').textContent = (await import('./late.js')).words
}`,
  )
}

const label = (stage: Stage): Promise<string | null> =>
  stage.page.evaluate(async () => await (window as unknown as AppWindow).label)

/** The names of what the service worker keeps of the app. */
const kept = (stage: Stage): Promise<string[]> =>
  stage.page.evaluate(async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith('modelferry-shell'))
    const found = await Promise.all(
      names.map(async (name) => await (await caches.open(name)).keys()),
    )
    return found.flat().map(({ url }) => new URL(url).pathname)
  })

for (const [what, options, below] of [
  ['a tag at the top of the page', `injectRegister: 'auto'`, '/'],
  ['the virtual module', `injectRegister: null`, '/'],
  [
    'the virtual module, relative base in a subfolder',
    `injectRegister: null /* relative */`,
    '/demos/one/',
  ],
  ['a tag, relative base in a subfolder', `injectRegister: 'script' /* relative */`, '/demos/one/'],
  [
    'a script in the page, relative base in a subfolder',
    `injectRegister: 'inline' /* relative */`,
    '/demos/one/',
  ],
] as const)
  test(`a built folder by ${what}: opens with the network off, whole app included`, async ({
    project,
    stage,
  }) => {
    await writeApp(project, stage, options)
    await project.run('npx vite build --logLevel warn')
    const site = await serveFolder(join(project.folder, 'dist'), below)
    try {
      await stage.page.goto(site.url)
      expect(await label(stage)).toBe('stream')
      // All of the app, also what this page has not asked for.
      await expect.poll(async () => (await kept(stage)).join(' ')).toMatch(/assets\/late-/)
      await expect.poll(async () => (await kept(stage)).join(' ')).toContain('index.html')
      await Promise.all([site.close(), stage.hub.close()])
      await stage.context.setOffline(true)
      await stage.page.reload()
      await expect(stage.page.locator('#app')).toHaveText('here')
      expect(await label(stage)).toBe('hit')
      await stage.page.evaluate(() => (window as unknown as { late(): Promise<void> }).late())
      await expect(stage.page.locator('#app')).toHaveText('loaded late')
    } finally {
      await site.close()
    }
  })

for (const [what, options] of [
  ['by itself', `injectRegister: 'auto'`],
  ['the virtual module', `injectRegister: null`],
] as const)
  test(`in development, ${what}: the same workers carry`, async ({ project, stage }) => {
    await writeApp(project, stage, options)
    const vite = await startVite(project.folder)
    try {
      await stage.page.goto(vite.url)
      const get = async (): Promise<string | undefined> =>
        (await stage.fetch(stage.files.vad)).headers['x-modelferry']
      await expect.poll(get, { timeout: 30_000 }).toBe('hit')
      const built = await (await fetch(`${vite.url}modelferry-sw.js`)).text()
      expect(await project.read('node_modules/modelferry/dist/modelferry-sw.js')).toContain(
        built.trim(),
      )
    } finally {
      await vite.close()
    }
  })

test('a server build has nothing of it but a module that says so', async ({ project, stage }) => {
  await writeApp(project, stage, 'injectRegister: null')
  await project.write(
    'server.js',
    `import { connect } from 'virtual:modelferry'\nawait connect().catch(({ message }) => console.log(message))`,
  )
  await project.run('npx vite build --ssr server.js --logLevel warn')
  expect(await project.run('node dist/server.js && ls dist')).toMatch(
    /called on the server[^]*\nserver\.js\nwords\.txt\n$/,
  )
})

test('a wrong option is refused in words', async ({ project }) => {
  await project.write('package.json', '{ "type": "module" }')
  await project.write('index.html', '')
  await project.write(
    'vite.config.js',
    `import { modelferry } from 'modelferry/vite'
export default { plugins: [modelferry({ injectRegister: 'always' })] }`,
  )
  await expect(project.run('npx vite build')).rejects.toThrow(
    /injectRegister has to be 'auto'.*it is "always"/,
  )
})
