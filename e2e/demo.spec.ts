import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import type { Page } from '@playwright/test'
import { startDemo } from '../demo/server/startDemo.ts'

/** Types words and gives what the page reads. */
async function read(page: Page, words: string): Promise<string> {
  await expect(page.getByTestId('status')).toHaveAttribute('data-state', 'ready', {
    timeout: 30_000,
  })
  await page.getByTestId('words').fill(words)
  await page.getByTestId('read').click()
  const answer = page.getByTestId('answer')
  await expect(answer).toHaveText(/\S/)
  await expect(answer).not.toHaveAttribute('data-stale')
  await expect(page.getByTestId('status')).toHaveAttribute('data-state', 'ready')
  return (await answer.textContent()) ?? ''
}

test('the demo reads: cold, after a reload without the hub, and offline', async ({ page }) => {
  const folder = await mkdtemp(join(tmpdir(), 'modelferry-demo-'))
  const ports = { port: 0, hubPort: 0, storagePort: 0 }
  const demo = await startDemo({ ...ports, folder, urlLifetimeMs: 60_000 })
  try {
    const { log } = demo.hub.hub
    const kinds = (): string[] => log.entries.map(({ kind }) => kind)
    const models = (): string[] =>
      kinds().filter((kind) => ['resolve', 'token', 'reconstruction', 'xorb', 'lfs'].includes(kind))

    log.clear()
    await page.goto(demo.url)
    expect(await read(page, 'Hello 2026')).toBe('Hello 2026')
    expect(kinds()).toEqual(expect.arrayContaining(['token', 'reconstruction', 'xorb']))
    await expect(page.getByTestId('log')).toContainText('service worker (stream)')

    log.clear()
    await page.reload()
    expect(await read(page, 'Ahoy 42')).toBe('Ahoy 42')
    await expect(page.getByTestId('log')).toContainText('service worker (hit)')
    expect(models()).toEqual([])

    await demo.close()
    await page.context().setOffline(true)
    await page.reload()
    expect(await read(page, 'Hello 2026')).toBe('Hello 2026')
    await expect(page.getByTestId('log')).toContainText('service worker (hit)')
  } finally {
    await demo.close()
    await rm(folder, { recursive: true, force: true })
  }
})
