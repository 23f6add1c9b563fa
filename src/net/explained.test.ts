import { expect, test, vi } from 'vitest'
import { explained } from './csp.ts'

const url = 'https://store.example/xorb?X-Signature=secret'
const script = '/modelferry-worker.js'
const lost = new TypeError('Failed to fetch')

test('a refusal by the policy says what to add, without the signature, and is final', async () => {
  const fetch = explained(
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

test('any other failure stays what it is, and one that was asked for is not looked into', async () => {
  const refusal = vi.fn<() => Promise<string | undefined>>(async () => undefined)
  const fetch = explained(() => Promise.reject(lost), { refusal }, script)
  await expect(fetch(url)).rejects.toBe(lost)
  expect(refusal).toHaveBeenCalledOnce()
  await expect(fetch(url, { signal: AbortSignal.abort() })).rejects.toBe(lost)
  expect(refusal).toHaveBeenCalledOnce()
})

test('an answer is passed on', async () => {
  const answer = new Response('bytes')
  const fetch = explained(async () => answer, { refusal: async () => 'connect-src' }, script)
  expect(await fetch(url)).toBe(answer)
})
