import path from 'node:path'
import type { BrowserKind } from './BrowserKind.ts'
import { onPath } from './onPath.ts'

const usualPlaces: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ['/Applications/Firefox.app/Contents/MacOS/firefox'],
}

/** The second browser of the core tests. The extended support release comes first, because it changes least. */
export const firefox: BrowserKind = {
  name: 'Firefox',
  variables: ['FIREFOX_PATH'],
  says: /Firefox/,
  candidates: (platform, env) =>
    platform === 'win32'
      ? ['PROGRAMFILES', 'PROGRAMFILES(X86)']
          .map((name) => env[name])
          .filter((folder) => folder !== undefined)
          .map((folder) => path.win32.join(folder, 'Mozilla Firefox', 'firefox.exe'))
      : [...onPath(['firefox-esr', 'firefox'], env), ...(usualPlaces[platform] ?? [])],
}
