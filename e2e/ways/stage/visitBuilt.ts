import { join } from 'node:path'
import { expect } from '@playwright/test'
import type { Stage } from '../../stage/Stage.ts'
import { serveFolder } from './serveFolder.ts'
import { ViteApp } from './ViteApp.ts'
import type { ViteWay } from './ViteWay.ts'
import type { WayProject } from './WayProject.ts'

/** Builds the app, and visits it for the first time, for the second time, and offline. */
export async function visitBuilt(way: ViteWay, project: WayProject, stage: Stage): Promise<void> {
  const { page, context, hub } = stage
  const app = new ViteApp(project, stage, way)
  const shared = { 'access-control-allow-origin': '*' }
  const cdn = await serveFolder(join(project.folder, 'dist'), '/', shared)
  await app.write(cdn.url)
  await app.build()
  // A worker in a folder may control pages above it only if the server allows it.
  const site = await app.serve(
    way.options.includes('filename') ? { 'service-worker-allowed': '/' } : {},
  )
  try {
    await page.goto(site.url)
    expect(await app.label()).toBe('stream')
    await app.expectKept()
    await page.reload()
    expect(await app.label()).toBe('hit')
    await app.expectWhole()
    await Promise.all([site.close(), cdn.close(), hub.close()])
    await context.setOffline(true)
    await page.reload()
    expect(await app.label()).toBe('hit')
    await app.expectWhole()
  } finally {
    await Promise.all([site.close(), cdn.close()])
  }
}
