import path from 'node:path'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']

const usualPlaces: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ['/snap/bin/chromium', '/opt/google/chrome/chrome'],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
}

/**
 * Where a Chromium or Chrome may be installed, likeliest first: on PATH, then where installers put it.
 *
 * @param platform as in `process.platform`
 * @param env the environment variables
 */
export function browserCandidates(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  if (platform === 'win32') {
    return ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA']
      .map((name) => env[name])
      .filter((folder) => folder !== undefined)
      .map((folder) => path.win32.join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe'))
  }
  const folders = (env['PATH'] ?? '').split(':').filter((folder) => folder !== '')
  const onPath = names.flatMap((name) => folders.map((folder) => path.posix.join(folder, name)))
  return [...onPath, ...(usualPlaces[platform] ?? [])]
}
