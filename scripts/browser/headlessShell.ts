import { readdirSync } from 'node:fs'
import path from 'node:path'
import { chromium as managed } from 'playwright'
import type { BrowserKind } from './BrowserKind.ts'
import { findBrowser } from './findBrowser.ts'
import { onPath } from './onPath.ts'

/**
 * Chromium without windows, which Playwright's own headless tests use as well. Opening a page in it takes about a third
 * of the processor time.
 */
export const headlessShell: BrowserKind = {
  name: "Chromium's headless shell",
  variables: ['HEADLESS_SHELL_PATH'],
  says: /Chrom/,
  candidates: (platform, env) =>
    [
      ...(platform === 'win32'
        ? []
        : onPath(['chromium-headless-shell', 'chrome-headless-shell'], env)),
      ...downloaded(managed.executablePath()),
    ] as const,
}

/**
 * The headless shell of this machine: the one named by `HEADLESS_SHELL_PATH`, an installed one, or Playwright's own.
 *
 * @returns its path; undefined when there is none
 * @throws Error as {@link findBrowser} does
 */
export function installedHeadlessShell(): string | undefined {
  return findBrowser(headlessShell)
}

/**
 * Playwright's own downloads of the shell, the newest first.
 *
 * @param chrome path of Playwright's own Chromium, which has a folder beside theirs
 */
export function downloaded(chrome: string): string[] {
  const [browsers = ''] = chrome.split(/[\\/]chromium-\d+[\\/]/)
  return inside(browsers, /^chromium_headless_shell-\d+$/)
    .toReversed()
    .flatMap((version) => inside(version, /^chrom/))
    .flatMap((build) => inside(build, /headless[-_]shell(?:\.exe)?$/))
}

/** Paths in a folder whose names match; none when there is no such folder. */
function inside(folder: string, name: RegExp): string[] {
  try {
    const found = readdirSync(folder).filter((each) => name.test(each))
    return found.toSorted().map((each) => path.join(folder, each))
  } catch {
    return []
  }
}
