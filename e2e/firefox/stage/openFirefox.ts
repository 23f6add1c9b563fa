import { launch } from 'puppeteer-core'
import type { Browser } from 'puppeteer-core'
import { installedFirefox } from '../../../scripts/browser/installedFirefox.ts'

/** Options for starting Firefox. */
export interface FirefoxOptions {
  /** Preferences of `about:config`, by name. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** An absolute path; default: a new one, deleted at the end. */
  readonly profile?: string
}

/** Starts a Firefox in which `stage.test` resolves to this machine and is insecure. */
export async function openFirefox({ settings, profile }: FirefoxOptions = {}): Promise<Browser> {
  const executablePath = installedFirefox()
  if (executablePath === undefined) throw new Error('No Firefox found: set FIREFOX_PATH to one.')
  return await launch({
    browser: 'firefox',
    headless: true,
    executablePath,
    extraPrefsFirefox: { 'network.dns.localDomains': 'stage.test', ...settings },
    ...(profile !== undefined && { userDataDir: profile }),
  })
}
