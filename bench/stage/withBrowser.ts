import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright'
import type { BrowserContext } from 'playwright'
import { chromiumArgs } from '../../scripts/browser/chromiumArgs.ts'
import { installedBrowser } from '../../scripts/browser/installedBrowser.ts'

/**
 * Runs work in a browser with a new profile on disk. A private profile would keep its files in memory, so its speed
 * and capacity would differ from those of users.
 */
export async function withBrowser<T>(work: (context: BrowserContext) => Promise<T>): Promise<T> {
  const executablePath = installedBrowser()
  const profile = await mkdtemp(join(tmpdir(), 'bench-'))
  try {
    const context = await chromium.launchPersistentContext(profile, {
      ...(executablePath !== undefined && { executablePath }),
      args: [...chromiumArgs],
    })
    try {
      return await work(context)
    } finally {
      await context.close()
    }
  } finally {
    await rm(profile, { recursive: true, force: true })
  }
}
