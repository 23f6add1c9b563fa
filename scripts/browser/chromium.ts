import path from 'node:path'
import type { BrowserKind } from './BrowserKind.ts'
import { onPath } from './onPath.ts'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']

const usualPlaces: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ['/snap/bin/chromium', '/opt/google/chrome/chrome'],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
}

/** The browser of most tests. */
export const chromium: BrowserKind = {
  name: 'Chromium or Chrome',
  variables: ['CHROMIUM_PATH', 'CHROME_PATH'],
  says: /Chrom/,
  candidates: (platform, env) =>
    platform === 'win32'
      ? ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA']
          .map((name) => env[name])
          .filter((folder) => folder !== undefined)
          .map((folder) => path.win32.join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe'))
      : [...onPath(names, env), ...(usualPlaces[platform] ?? [])],
}
