import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { readGuide } from './stage/readGuide.ts'
import { serveFolder } from './stage/serveFolder.ts'
import { test } from './stage/test.ts'
import { WayProject } from './stage/WayProject.ts'

for (const { title, steps, served } of readGuide())
  test(`the guide, from an empty folder to a model answered offline: ${title}`, async ({
    stage,
    installed,
  }, testInfo) => {
    const { repo, path, size } = stage.files.vad
    const replaced = (text: string): string =>
      text
        .replaceAll('https://huggingface.co', stage.hub.url)
        .replaceAll('org/model/resolve/main/model.onnx', `${repo}/resolve/main/${path}`)
    const folder = await mkdtemp(join(tmpdir(), 'modelferry-guide-'))
    const start = performance.now()
    try {
      const project = new WayProject(folder)
      for (const { file, text } of steps) {
        if (file !== undefined) await project.write(file, replaced(text))
        else
          for (const line of text.trim().split('\n')) {
            // The packages from npm's registry are installed already.
            if (!line.startsWith('npm install')) await project.run(line)
            else if (line === 'npm install modelferry')
              await symlink(installed, join(folder, 'node_modules'))
          }
      }
      const site = await serveFolder(join(folder, served))
      try {
        const answer = stage.page.locator('#answer')
        await stage.page.goto(site.url)
        await expect(answer).toHaveText(`${size} bytes`)
        // Second visit: files loaded before the service worker was in control are stored by now.
        await expect
          .poll(() => stage.page.evaluate(async () => (await caches.keys()).length))
          .toBeGreaterThan(0)
        await stage.page.reload()
        await expect(answer).toHaveText(`${size} bytes`)

        await Promise.all([site.close(), stage.hub.close()])
        await stage.context.setOffline(true)
        await stage.page.reload()
        await expect(answer).toHaveText(`${size} bytes`)
        const seconds = ((performance.now() - start) / 1000).toFixed(1)
        testInfo.annotations.push({ type: 'seconds', description: seconds })
      } finally {
        await site.close()
      }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

test('the guide describes at least six ways', () => {
  expect(readGuide().length).toBeGreaterThanOrEqual(7)
})
