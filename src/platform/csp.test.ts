import { withCspErrors, PolicyWatch } from './csp.ts'
import { describe, expect, test, vi } from 'vitest'

describe('PolicyWatch', () => {
  function violation(of: Partial<SecurityPolicyViolationEvent>): Event {
    const policy = { effectiveDirective: 'connect-src', originalPolicy: "default-src 'none'" }
    const all = { disposition: 'enforce', ...policy, ...of }
    return Object.assign(new Event('securitypolicyviolation'), all)
  }

  test('a refusal is found although its event follows the failure, independent of the signature', async () => {
    const realm = new EventTarget()
    const watch = new PolicyWatch(realm)
    setTimeout(() =>
      realm.dispatchEvent(violation({ blockedURI: 'https://store.example/xorb?X-Signature=one' })),
    )
    const url = 'https://store.example/xorb?X-Signature=two#modelferry'
    expect(await watch.refusal(url)).toMatchObject({ directive: 'connect-src' })
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
    expect(await watch.refusal('https://a.example/1')).toMatchObject({ directive: 'connect-src' })
  })

  test('a refusal counts until the URL is answered: its next failure has another reason', async () => {
    const realm = new EventTarget()
    const watch = new PolicyWatch(realm)
    const url = 'https://hub.example/file'
    realm.dispatchEvent(violation({ blockedURI: url }))
    const lost = new TypeError('Failed to fetch')
    const responses: (() => Response)[] = []
    const ask = async (): Promise<Response> => {
      const next = responses.shift()
      if (!next) throw lost
      return next()
    }
    const fetch = withCspErrors(ask, watch, '/sw.js')
    await expect(fetch(url)).rejects.toMatchObject({ code: 'policy' })
    responses.push(() => new Response('bytes'))
    expect((await fetch(`${url}?signature=1`)).ok).toBe(true)
    await expect(fetch(url)).rejects.toBe(lost)
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
  const unused = { refused: new Map() }
  const refusal = (policy: string): { directive: string; policy: string } => ({
    directive: 'connect-src',
    policy,
  })

  test('a refusal by the policy names the missing source, without the signature, and is not retryable', async () => {
    const fetch = withCspErrors(
      () => Promise.reject(lost),
      {
        ...unused,
        refusal: async () => refusal("connect-src 'self'; img-src https://store.example"),
      },
      script,
    )
    const error: unknown = await fetch(url).catch((error: unknown) => error)
    expect(error).toMatchObject({ code: 'policy', retryable: false, cause: lost })
    const { message } = error as Error
    expect(message).toContain(`of ${script} does not allow`)
    expect(message).toContain('"connect-src https://store.example"')
    expect(JSON.stringify([message, (error as { url: string }).url])).not.toContain('secret')
  })

  test.each([
    "connect-src 'self' https://store.example",
    'connect-src https://store.example/ blob:; default-src none',
    'default-src store.example',
    "img-src 'none'; connect-src https://*.example",
    'connect-src *',
  ])(
    'where the policy has the source already, the host of a redirect is missing: %s',
    async (policy) => {
      const watch = { ...unused, refusal: async () => refusal(policy) }
      const fetch = withCspErrors(() => Promise.reject(lost), watch, script)
      const { message } = (await fetch(url).catch((error: unknown) => error)) as Error
      expect(message).toContain(
        'does not allow the redirect of https://store.example/xorb. Add "connect-src <host of its Location>',
      )
      expect(message).not.toContain('secret')
    },
  )

  test('other failures are unchanged, and an abort is not examined', async () => {
    const none = vi.fn<() => Promise<undefined>>(async () => undefined)
    const fetch = withCspErrors(() => Promise.reject(lost), { ...unused, refusal: none }, script)
    await expect(fetch(url)).rejects.toBe(lost)
    expect(none).toHaveBeenCalledOnce()
    await expect(fetch(url, { signal: AbortSignal.abort() })).rejects.toBe(lost)
    expect(none).toHaveBeenCalledOnce()
  })

  test('an answer is passed on', async () => {
    const answer = new Response('bytes')
    const watch = { ...unused, refusal: async () => refusal('') }
    const fetch = withCspErrors(async () => answer, watch, script)
    expect(await fetch(url)).toBe(answer)
  })
})
