import { expect } from '@playwright/test'
import { onlyLong } from '../stage/onlyLong.ts'
import { test } from './stage/test.ts'
import { ViteApp } from './stage/ViteApp.ts'
import type { ViteWay } from './stage/ViteWay.ts'
import { visitBuilt } from './stage/visitBuilt.ts'
import { visitDeveloped } from './stage/visitDeveloped.ts'
import { viteWays } from './stage/viteWays.ts'

// `npm run test:long` runs all combinations.
const core = (...names: string[]): ViteWay[] => viteWays.filter(({ what }) => names.includes(what))

for (const way of core('a tag where nothing is imported', 'the module, relative'))
  test(
    `built, ${way.what}: cold, warm, and offline, including the whole app`,
    onlyLong(way.what !== 'the module, relative'),
    async ({ project, stage }) => {
      await visitBuilt(way, project, stage)
    },
  )

test('a build behind vite preview, which sends Vary: Origin, loads completely offline', async ({
  project,
  stage,
}) => {
  const app = new ViteApp(project, stage, core('a tag where nothing is imported')[0]!)
  await app.write()
  await app.build()
  const site = await app.start('preview')
  try {
    expect((await fetch(site.url)).headers.get('vary')).toBe('Origin')
    await stage.page.goto(site.url)
    expect(await app.label()).toBe('stream')
    await app.expectKept()
    await Promise.all([site.close(), stage.hub.close()])
    await stage.context.setOffline(true)
    await stage.page.reload()
    expect(await app.label()).toBe('hit')
    await app.expectWhole()
  } finally {
    await site.close()
  }
})

const workers = ['modelferry-sw.js', 'modelferry-worker.js']

for (const way of core('a tag where nothing is imported', 'the module where it is imported'))
  test(
    `in development, ${way.what}: cold and warm, by the workers of the build`,
    onlyLong(way.what === 'a tag where nothing is imported'),
    async ({ project, stage }) => {
      await visitDeveloped(way, project, stage, async (app, url) => {
        await app.build()
        for (const name of workers)
          expect(await (await fetch(url + name)).text()).toBe(await project.read(`dist/${name}`))
      })
    },
  )

test('a server build contains only a module that reports it is unsupported', async ({
  project,
  stage,
}) => {
  await new ViteApp(project, stage, { options: 'injectRegister: null', imports: true }).write()
  await project.write(
    'server.js',
    `import { connect } from 'virtual:modelferry'\nawait connect().catch(({ message }) => console.log(message))`,
  )
  await project.run('npx vite build --ssr server.js --logLevel warn')
  expect(await project.run('node dist/server.js && ls dist')).toMatch(
    /called on the server[^]*\nserver\.js\nwords\.txt\n$/,
  )
})

test('a wrong option is refused with a message', async ({ project }) => {
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
