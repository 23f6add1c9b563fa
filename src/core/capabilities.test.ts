import { afterEach, expect, test, vi } from 'vitest'
import { capabilities } from './capabilities.ts'

afterEach(() => void vi.unstubAllGlobals())

function handleWith(...methods: string[]): void {
  const prototype = Object.fromEntries(methods.map((name) => [name, () => undefined]))
  vi.stubGlobal('FileSystemFileHandle', { prototype })
}

test('where files cannot be written, nothing is claimed', () => {
  vi.stubGlobal('FileSystemFileHandle', undefined)
  expect(capabilities).toMatchObject({ syncHandles: false, writables: false })
})

test('what a realm can write with is looked up when it is asked for', () => {
  handleWith('createWritable')
  expect(capabilities).toMatchObject({ syncHandles: false, writables: true })
  handleWith('createWritable', 'createSyncAccessHandle')
  expect(capabilities).toMatchObject({ syncHandles: true, writables: true })
})

test('a stream that can be cloned away can be transferred', () => {
  expect(capabilities.streamTransfer).toBe(true)
})

test('what cannot be tried is believed of Chromium alone', () => {
  vi.stubGlobal('navigator', { userAgent: 'Firefox' })
  expect(capabilities).toMatchObject({ fedBodies: false, abortedFetches: false })
  vi.stubGlobal('navigator', { userAgentData: {} })
  expect(capabilities).toMatchObject({ fedBodies: true, abortedFetches: true })
})
