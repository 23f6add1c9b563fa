import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chromiumArgs } from '../../../scripts/browser/chromiumArgs.ts'
import { installedBrowser } from '../../../scripts/browser/installedBrowser.ts'
import { installedFirefox } from '../../../scripts/browser/installedFirefox.ts'
import { startProgram } from '../../stage/startProgram.ts'
import type { LifetimeBrowser } from './LifetimeBrowser.ts'

/** Disables the browser's own traffic; windows may be opened without a click. */
const preferences = `
user_pref('app.normandy.enabled', false);
user_pref('app.update.enabled', false);
user_pref('browser.shell.checkDefaultBrowser', false);
user_pref('datareporting.policy.dataSubmissionEnabled', false);
user_pref('dom.disable_open_during_load', false);
user_pref('network.captive-portal-service.enabled', false);
user_pref('network.connectivity-service.enabled', false);
user_pref('services.settings.server', 'data:,');
`

const commands: Record<
  LifetimeBrowser,
  (profile: string) => readonly [string | undefined, ...string[]]
> = {
  chromium: (profile) => [
    installedBrowser(),
    '--headless',
    '--disable-popup-blocking',
    `--user-data-dir=${profile}`,
    ...chromiumArgs,
  ],
  firefox: (profile) => [installedFirefox(), '--headless', '--no-remote', '--profile', profile],
}

/**
 * Opens a page in a browser without a debugger, because a debugger would keep service workers alive.
 *
 * @param profile a folder that does not exist yet
 * @returns closes the browser
 */
export async function startBrowser(
  browser: LifetimeBrowser,
  url: string,
  profile: string,
): Promise<() => Promise<void>> {
  await mkdir(profile)
  if (browser === 'firefox') await writeFile(join(profile, 'user.js'), preferences)
  const [program, ...args] = commands[browser](profile)
  if (program === undefined) throw new Error(`There is no ${browser} on this machine.`)
  return startProgram([program, ...args, url])
}
