import { expect, test, afterEach, vi, describe } from 'vitest'
import type { PolicyWatch } from '../platform/csp.ts'
import { protocolNumber, type Channel } from '../protocol/index.ts'
import {
  policyRefusal,
  requireBrowser,
  requireSameBuild,
  sameScript,
  otherBuild,
} from './service-worker.ts'

const refused = (by: Record<string, string>): Pick<PolicyWatch, 'refusal'> => ({
  refusal: async (url) => {
    const directive = by[url]
    return directive === undefined ? undefined : { directive, policy: '' }
  },
})

function browser({ secure = true, workers = true, storage = true, protocol = 'http:' } = {}): void {
  vi.stubGlobal('isSecureContext', secure)
  vi.stubGlobal('document', {})
  vi.stubGlobal('location', { protocol, host: 'app.example' })
  const getDirectory = storage
    ? async () => ({})
    : () => Promise.reject(new DOMException('no', 'SecurityError'))
  vi.stubGlobal('navigator', { storage: { getDirectory }, ...(workers && { serviceWorker: {} }) })
}

describe('refusals by a Content-Security-Policy', () => {
  const worker = 'https://app.example/modelferry-worker.js'

  test.each([
    ['worker-src', { [worker]: 'worker-src' }, /modelferry-worker\.js.*"worker-src 'self'"/],
    ['script-src', { [worker]: 'script-src-elem' }, /"script-src-elem 'self'"/],
    [
      'Trusted Types',
      { 'trusted-types-sink': 'require-trusted-types-for' },
      /"trusted-types modelferry"/,
    ],
  ])('a refusal by %s is named, with the missing source', async (_, by, says) => {
    const refusal = await policyRefusal(refused(by), [undefined, worker])
    expect(refusal).toMatchObject({ code: 'policy', message: expect.stringMatching(says) })
  })

  test('a failure without a refusal has another reason', async () => {
    expect(await policyRefusal(refused({}), [worker])).toBeUndefined()
  })
})

describe('browsers without the necessary APIs', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  test('a browser with all APIs is accepted', async () => {
    browser()
    await requireBrowser(true)
  })

  test.each([
    ['no https', { secure: false }, true, 'insecure-context', 'http://app.example'],
    [
      'a file opened directly',
      { protocol: 'file:' },
      true,
      'insecure-context',
      'over https or localhost',
    ],
    ['no service workers', { workers: false }, true, 'unsupported', 'serviceWorker: false'],
    ['no storage', { storage: false }, false, 'unsupported', 'site data'],
  ])('%s is reported with advice', async (_, lacks, needs, code, hint) => {
    browser(lacks)
    const refusal = requireBrowser(needs)
    await expect(refusal).rejects.toMatchObject({ code })
    await expect(refusal).rejects.toThrow(hint)
  })

  test('jsdom, which has a document but no secure contexts, is reported as not a browser', async () => {
    vi.stubGlobal('document', {})
    await expect(requireBrowser(true)).rejects.toMatchObject({ code: 'unsupported' })
  })

  test('service workers are not required when none is registered', async () => {
    browser({ workers: false })
    await requireBrowser(false)
  })
})

test.each([
  ['other options', '/modelferry-sw.js?hubs=b', true],
  ['another place', '/static/modelferry-sw.js', true],
  ['another library', '/mockServiceWorker.js', false],
  ['a name with the same ending', '/not-modelferry-sw.js', false],
])('a service worker with %s at %s is modelferry: %s', (_, path, ours) => {
  const own = 'https://app.example/modelferry-sw.js?hubs=a'
  expect(sameScript(`https://app.example${path}`, own)).toBe(ours)
})

describe('version check', () => {
  test.each([
    ['1.9.12', /\(modelferry 1\.9\.12\) is older than .*\(1\.10\.2\).*modelferry init/],
    ['1.10.3', /is newer than .*\(1\.10\.2\)\. Reload the page/],
    ['1.10.2', /is of another build than .*modelferry init/],
    [undefined, /\(modelferry unknown\) is of another build than .*modelferry init/],
  ])('a worker of %s beside a page of 1.10.2', (version, says) => {
    expect(otherBuild('loader worker', version, false, '1.10.2')).toMatchObject({
      code: 'worker',
      message: expect.stringMatching(says),
    })
  })

  test('for a worker whose successor waits, the advice is not to copy files', () => {
    const { message } = otherBuild('service worker', '1.9.12', true, '1.10.2')
    expect(message).toMatch(/is older than .*successor waits: close other tabs/)
    expect(message).not.toContain('init')
  })
})

describe('a service worker that is replaced', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  /** A page under an old service worker, and what its service workers answer, in order; the last answer repeats. */
  function replaced(builds: readonly string[], registration: object): Channel {
    const serviceWorker = {
      controller: { scriptURL: 'https://app.example/modelferry-sw.js' },
      getRegistration: async () => registration,
    }
    vi.stubGlobal('navigator', { serviceWorker })
    let asked = 0
    return {
      ask: async () => {
        const build = builds[Math.min(asked++, builds.length - 1)]
        return { from: '', answer: { protocol: protocolNumber, version: '1.0.0', build } }
      },
    } as unknown as Channel
  }

  test.each(['installing', 'waiting', 'activating'])(
    'counts as replaced when its successor has taken over, not when a successor that is %s answers',
    async (state) => {
      const worker = { state }
      const registration: Record<string, unknown> = { update: async () => undefined }
      registration[state === 'activating' ? 'active' : state] = worker
      const channel = replaced(['old', __BUILD__], registration)
      let ready = false
      const checked = requireSameBuild(channel, 5000).then(() => (ready = true))
      await new Promise((resolve) => setTimeout(resolve, 250))
      expect(ready).toBe(false)
      registration[state] = undefined
      registration['active'] = { state: 'activated' }
      await checked
    },
  )

  test('is accepted when its successor waits for long', async () => {
    const registration = { update: async () => undefined, waiting: { state: 'installed' } }
    const start = performance.now()
    await requireSameBuild(replaced(['old'], registration), 5000)
    expect(performance.now() - start).toBeGreaterThan(300)
  })
})
