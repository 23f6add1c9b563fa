import { withCspErrors, PolicyWatch } from './csp.ts'
import { describe, expect, test, vi } from 'vitest'

describe('PolicyWatch', () => {
  function violation(of: Partial<SecurityPolicyViolationEvent>): Event {
    const all = { disposition: 'enforce', effectiveDirective: 'connect-src', ...of }
    return Object.assign(new Event('securitypolicyviolation'), all)
  }

  test('a refusal is found although its event follows the failure, independent of the signature', async () => {
    const realm = new EventTarget()
    const watch = new PolicyWatch(realm)
    setTimeout(() =>
      realm.dispatchEvent(violation({ blockedURI: 'https://store.example/xorb?X-Signature=one' })),
    )
    const url = 'https://store.example/xorb?X-Signature=two#modelferry'
    expect(await watch.refusal(url)).toBe('connect-src')
    expect(await watch.refusal('https://store.example/other')).toBeUndefined()
  })

  test('report-only policies do not count, and the oldest refusals are dropped', async () => {
    const realm = new EventTarget()
    const watch = new PolicyWatch(realm)
    realm.dispatchEvent(violation({ blockedURI: 'https://a.example/', disposition: 'report' }))
    expect(await watch.refusal('https://a.example/')).toBeUndefined()
    for (let at = 0; at <= 50; at++)
      realm.dispatchEvent(violation({ blockedURI: `https://a.example/${at}` }))
    expect(await watch.refusal('https://a.example/0')).toBeUndefined()
    expect(await watch.refusal('https://a.example/1')).toBe('connect-src')
  })

  test('a watch that has ended receives no events', async () => {
    const realm = new EventTarget()
    const ended = new AbortController()
    const watch = new PolicyWatch(realm, ended.signal)
    ended.abort()
    realm.dispatchEvent(violation({ blockedURI: 'https://a.example/' }))
    expect(await watch.refusal('https://a.example/')).toBeUndefined()
  })
})

describe('withCspErrors', () => {
  const url = 'https://store.example/xorb?X-Signature=secret'
  const script = '/modelferry-worker.js'
  const lost = new TypeError('Failed to fetch')

  test('a refusal by the policy names the missing source, without the signature, and is not retryable', async () => {
    const fetch = withCspErrors(
      () => Promise.reject(lost),
      { refusal: async () => 'connect-src' },
      script,
    )
    const error: unknown = await fetch(url).catch((error: unknown) => error)
    expect(error).toMatchObject({ code: 'policy', retryable: false, cause: lost })
    const { message } = error as Error
    expect(message).toContain(`${script} is served with`)
    expect(message).toContain('"connect-src https://store.example"')
    expect(JSON.stringify([message, (error as { url: string }).url])).not.toContain('secret')
  })

  test('other failures are unchanged, and an abort is not examined', async () => {
    const refusal = vi.fn<() => Promise<string | undefined>>(async () => undefined)
    const fetch = withCspErrors(() => Promise.reject(lost), { refusal }, script)
    await expect(fetch(url)).rejects.toBe(lost)
    expect(refusal).toHaveBeenCalledOnce()
    await expect(fetch(url, { signal: AbortSignal.abort() })).rejects.toBe(lost)
    expect(refusal).toHaveBeenCalledOnce()
  })

  test('an answer is passed on', async () => {
    const answer = new Response('bytes')
    const fetch = withCspErrors(async () => answer, { refusal: async () => 'connect-src' }, script)
    expect(await fetch(url)).toBe(answer)
  })
})
