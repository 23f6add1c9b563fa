import { expect } from '@playwright/test'
import type { Stage } from '../../stage/Stage.ts'
import { ViteApp } from './ViteApp.ts'
import type { ViteWay } from './ViteWay.ts'
import type { WayProject } from './WayProject.ts'

/**
 * Visits the app in development for the first and for the second time, and lets `check` inspect it. Offline use is
 * not promised there.
 */
export async function visitDeveloped(
  way: ViteWay,
  project: WayProject,
  stage: Stage,
  check: (app: ViteApp, url: string) => Promise<void> = async () => undefined,
): Promise<void> {
  const { page, files } = stage
  const app = new ViteApp(project, stage, way)
  await app.write('https://cdn.example/')
  const vite = await app.start('dev')
  try {
    await page.goto(vite.url)
    // If no script imports the module, that is known only after the page's own scripts have run.
    const get = async (): Promise<string | undefined> =>
      (await stage.fetch(files.vad)).headers['x-modelferry']
    await expect.poll(get, { timeout: 30_000 }).toBe('hit')
    await page.reload()
    await expect.poll(async () => await app.label()).toBe('hit')
    await app.expectWhole()
    await check(app, vite.url)
  } finally {
    await vite.close()
  }
}
