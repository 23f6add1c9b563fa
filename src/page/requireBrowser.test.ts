import { afterEach, expect, test, vi } from 'vitest'
import { requireBrowser } from './service-worker.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

function browser({ secure = true, workers = true, storage = true } = {}): void {
  vi.stubGlobal('isSecureContext', secure)
  vi.stubGlobal('location', { origin: 'http://app.example' })
  const getDirectory = storage
    ? async () => ({})
    : () => Promise.reject(new DOMException('no', 'SecurityError'))
  vi.stubGlobal('navigator', { storage: { getDirectory }, ...(workers && { serviceWorker: {} }) })
}

test('a browser that has it all will do', async () => {
  browser()
  await requireBrowser(true)
})

test.each([
  ['no https', { secure: false }, true, 'insecure-context', 'http://app.example'],
  ['no service workers', { workers: false }, true, 'unsupported', 'serviceWorker: false'],
  ['no storage', { storage: false }, false, 'unsupported', 'site data'],
])('%s is told with what to do', async (_, lacks, needs, code, hint) => {
  browser(lacks)
  const refusal = requireBrowser(needs)
  await expect(refusal).rejects.toMatchObject({ code })
  await expect(refusal).rejects.toThrow(hint)
})

test('where none is registered, none is missed', async () => {
  browser({ workers: false })
  await requireBrowser(false)
})
