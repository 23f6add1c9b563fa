import { expect, test } from 'vitest'
import { PolicyWatch } from './csp.ts'

function violation(of: Partial<SecurityPolicyViolationEvent>): Event {
  const all = { disposition: 'enforce', effectiveDirective: 'connect-src', ...of }
  return Object.assign(new Event('securitypolicyviolation'), all)
}

test('a refusal is heard of though it is told after the failure, whatever the signature', async () => {
  const realm = new EventTarget()
  const watch = new PolicyWatch(realm)
  setTimeout(() =>
    realm.dispatchEvent(violation({ blockedURI: 'https://store.example/xorb?X-Signature=one' })),
  )
  const url = 'https://store.example/xorb?X-Signature=two#modelferry'
  expect(await watch.refusal(url)).toBe('connect-src')
  expect(await watch.refusal('https://store.example/other')).toBeUndefined()
})

test('what a policy on trial reports was not refused, and the oldest refusals are forgotten', async () => {
  const realm = new EventTarget()
  const watch = new PolicyWatch(realm)
  realm.dispatchEvent(violation({ blockedURI: 'https://a.example/', disposition: 'report' }))
  expect(await watch.refusal('https://a.example/')).toBeUndefined()
  for (let at = 0; at <= 50; at++)
    realm.dispatchEvent(violation({ blockedURI: `https://a.example/${at}` }))
  expect(await watch.refusal('https://a.example/0')).toBeUndefined()
  expect(await watch.refusal('https://a.example/1')).toBe('connect-src')
})

test('a watch that has ended hears nothing', async () => {
  const realm = new EventTarget()
  const ended = new AbortController()
  const watch = new PolicyWatch(realm, ended.signal)
  ended.abort()
  realm.dispatchEvent(violation({ blockedURI: 'https://a.example/' }))
  expect(await watch.refusal('https://a.example/')).toBeUndefined()
})
