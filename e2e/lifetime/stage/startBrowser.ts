import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chromiumArgs } from '../../../scripts/browser/chromiumArgs.ts'
import { installedBrowser } from '../../../scripts/browser/installedBrowser.ts'
import { installedFirefox } from '../../../scripts/browser/installedFirefox.ts'
import type { LifetimeBrowser } from './LifetimeBrowser.ts'

/** No traffic of its own, and windows may be opened without a click. */
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

/** How long a browser that was asked to end may take, milliseconds. */
const endMs = 5000

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
 * Opens a page in a browser that nobody looks into: a debugger would keep service workers alive.
 *
 * @param profile a folder that does not exist yet
 * @returns ends the browser
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
  // A group of its own: a browser is many processes, and what was started may be a script.
  const child = spawn(program, [...args, url], { detached: true, stdio: 'ignore' })
  const ended = new Promise<void>((resolve, reject) => {
    child.once('close', () => resolve())
    child.once('error', reject)
  })
  return async () => {
    end(child.pid, 'SIGTERM')
    const late = setTimeout(() => end(child.pid, 'SIGKILL'), endMs)
    await ended
    clearTimeout(late)
    end(child.pid, 'SIGKILL')
  }
}

function end(group: number | undefined, signal: NodeJS.Signals): void {
  if (group === undefined) return
  try {
    process.kill(-group, signal)
  } catch {
    // All of it is gone.
  }
}
