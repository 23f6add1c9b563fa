import { expect, test } from 'vitest'

import { installedBrowser } from './installedBrowser.ts'

function find(there: string[], env: Record<string, string>, platform: NodeJS.Platform = 'linux') {
  const runs = (file: string): boolean => there.includes(file)
  return installedBrowser({ platform, env, runs, managed: () => '/managed/chrome' })
}

test('the environment decides, before anything installed', () => {
  expect(find(['/mine', '/bin/chromium'], { CHROMIUM_PATH: '/mine', PATH: '/bin' })).toBe('/mine')
  expect(find(['/mine'], { CHROMIUM_PATH: '', CHROME_PATH: '/mine' })).toBe('/mine')
})

test('a browser that the environment names and that does not start is an error', () => {
  expect(() => find(['/bin/chromium'], { CHROMIUM_PATH: '/gone', PATH: '/bin' })).toThrow(
    'CHROMIUM_PATH is "/gone"',
  )
})

test('an installed browser is found on PATH, then in the usual places, then as Playwright keeps it', () => {
  const env = { PATH: '/a:/b' }
  expect(find(['/b/chromium', '/a/google-chrome', '/managed/chrome'], env)).toBe('/b/chromium')
  expect(find(['/opt/google/chrome/chrome', '/managed/chrome'], env)).toBe(
    '/opt/google/chrome/chrome',
  )
  expect(find(['/managed/chrome'], env)).toBe('/managed/chrome')
  expect(find([], env)).toBeUndefined()
})

test('Windows and macOS keep it elsewhere', () => {
  const windows = String.raw`C:\Programs\Google\Chrome\Application\chrome.exe`
  expect(find([windows], { PROGRAMFILES: String.raw`C:\Programs` }, 'win32')).toBe(windows)
  const mac = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'
  expect(find([mac], {}, 'darwin')).toBe(mac)
})
