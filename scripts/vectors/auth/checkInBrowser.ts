import { join } from 'node:path'
import { chromium } from 'playwright'
import { build } from 'vite'
import type { Rolldown } from 'vite'
import { chromiumArgs } from '../../browser/chromiumArgs.ts'
import { installedBrowser } from '../../browser/installedBrowser.ts'
import type { VectorTally } from '../VectorTally.ts'

declare function checkAuthVectors(text: string): Promise<VectorTally>

/**
 * Checks a vector file with decisions in Chromium.
 *
 * @param text the file's text
 * @throws when there is no browser, or it does not start
 */
export async function checkInBrowser(text: string): Promise<VectorTally> {
  const executablePath = installedBrowser()
  const browser = await chromium.launch({
    ...(executablePath !== undefined && { executablePath }),
    args: [...chromiumArgs],
  })
  try {
    const page = await browser.newPage()
    await page.addScriptTag({ content: await pageScript() })
    return await page.evaluate((file) => checkAuthVectors(file), text)
  } finally {
    await browser.close()
  }
}

async function pageScript(): Promise<string> {
  const result = (await build({
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'es2022',
      rolldownOptions: {
        input: join(import.meta.dirname, 'page.ts'),
        output: { format: 'iife', codeSplitting: false },
      },
    },
  })) as Rolldown.RolldownOutput
  return result.output[0].code
}
