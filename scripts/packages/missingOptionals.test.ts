import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import type { Lock } from './Lock.ts'
import { missingOptionals } from './missingOptionals.ts'
import { platformOf } from './platformOf.ts'

test.each([
  ['@oxlint/binding-darwin-arm64', { os: ['darwin'], cpu: ['arm64'] }],
  ['@oxlint/binding-linux-x64-musl', { os: ['linux'], cpu: ['x64'], libc: ['musl'] }],
  ['@oxlint/binding-linux-x64-gnu', { os: ['linux'], cpu: ['x64'], libc: ['glibc'] }],
  ['@oxlint/binding-linux-arm-gnueabihf', { os: ['linux'], cpu: ['arm'] }],
  ['@oxlint-tsgolint/win32-x64', { os: ['win32'], cpu: ['x64'] }],
])('%s', (name, platform) => {
  expect(platformOf(name)).toEqual(platform)
})

test('a missing optional package is found, and a nested one is not missing', () => {
  const lock: Lock = {
    packages: {
      'node_modules/tool': {
        dev: true,
        optionalDependencies: { 'tool-linux-x64': '1.0.0', 'tool-win32-x64': '1.0.0' },
      },
      'node_modules/tool/node_modules/tool-linux-x64': { version: '1.0.0' },
    },
  }
  expect(missingOptionals(lock)).toEqual({
    'node_modules/tool-win32-x64': {
      version: '1.0.0',
      dev: true,
      optional: true,
      os: ['win32'],
      cpu: ['x64'],
    },
  })
})

test('the lock file of this project is complete and contains no registry URL', () => {
  const file = new URL('../../package-lock.json', import.meta.url)
  const lock = JSON.parse(readFileSync(file, 'utf8')) as Lock
  expect(missingOptionals(lock)).toEqual({})
  const addresses = Object.values(lock.packages).flatMap(({ resolved = '' }) => resolved)
  expect(addresses.filter((address) => /^\w+:/.test(address))).toEqual([])
})
