import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { chromium } from './chromium.ts'
import { findBrowser } from './findBrowser.ts'
import { firefox } from './firefox.ts'
import { downloaded, headlessShell } from './headlessShell.ts'

function system(there: string[], env: Record<string, string>, platform: NodeJS.Platform = 'linux') {
  return { platform, env, runs: (file: string): boolean => there.includes(file) }
}

function find(there: string[], env: Record<string, string>, platform?: NodeJS.Platform) {
  return findBrowser(chromium, system(there, env, platform))
}

test('the environment decides, before anything installed', () => {
  expect(find(['/mine', '/bin/chromium'], { CHROMIUM_PATH: '/mine', PATH: '/bin' })).toBe('/mine')
  expect(find(['/mine'], { CHROMIUM_PATH: '', CHROME_PATH: '/mine' })).toBe('/mine')
})

test('an error is thrown when the browser named by the environment does not start', () => {
  expect(() => find(['/bin/chromium'], { CHROMIUM_PATH: '/gone', PATH: '/bin' })).toThrow(
    'CHROMIUM_PATH is "/gone", which is not a working Chromium or Chrome',
  )
})

test('an installed browser is found on PATH, then in the usual places', () => {
  const env = { PATH: '/a:/b' }
  expect(find(['/b/chromium', '/a/google-chrome'], env)).toBe('/b/chromium')
  expect(find(['/opt/google/chrome/chrome'], env)).toBe('/opt/google/chrome/chrome')
  expect(find([], env)).toBeUndefined()
})

test('Windows and macOS have other paths', () => {
  const windows = String.raw`C:\Programs\Google\Chrome\Application\chrome.exe`
  expect(find([windows], { PROGRAMFILES: String.raw`C:\Programs` }, 'win32')).toBe(windows)
  const mac = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'
  expect(find([mac], {}, 'darwin')).toBe(mac)
})

test('the extended support release of Firefox is preferred', () => {
  const both = system(['/a/firefox', '/b/firefox-esr'], { PATH: '/a:/b' })
  expect(findBrowser(firefox, both)).toBe('/b/firefox-esr')
  const mac = '/Applications/Firefox.app/Contents/MacOS/firefox'
  expect(findBrowser(firefox, system([mac], {}, 'darwin'))).toBe(mac)
})

test('the headless shell is found on PATH, and the newest one beside the Chromium of Playwright', async () => {
  const shell = '/b/chromium-headless-shell'
  expect(findBrowser(headlessShell, system([shell], { PATH: '/a:/b' }))).toBe(shell)
  const root = await mkdtemp(path.join(tmpdir(), 'modelferry-browsers-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const file = (version: string): string =>
    path.join(root, version, 'chrome-headless-shell-linux64', 'chrome-headless-shell')
  for (const version of ['chromium_headless_shell-1200', 'chromium_headless_shell-1255']) {
    await mkdir(path.dirname(file(version)), { recursive: true })
    await writeFile(file(version), '')
    await writeFile(path.join(root, version, 'INSTALLATION_COMPLETE'), '')
  }
  const chrome = path.join(root, 'chromium-1255', 'chrome-linux64', 'chrome')
  expect(downloaded(chrome)).toEqual(
    ['chromium_headless_shell-1255', 'chromium_headless_shell-1200'].map((each) => file(each)),
  )
  expect(downloaded(path.join(root, 'none', 'chrome'))).toEqual([])
})
