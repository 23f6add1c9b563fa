import { afterEach, expect, test, vi } from 'vitest'
import { credentialHeader, CredentialReferences, resolveCredential } from './credentials.ts'

const worker = 'https://app.example/modelferry-worker.js'
const loader = { type: 'worker', url: worker } as const
const bearer = 'Bearer hf_secret'
const asking = (reference: string): Request =>
  new Request('https://app.example/modelferry-ping', {
    headers: { [credentialHeader]: reference },
  })

afterEach(() => void vi.unstubAllGlobals())

test('a loader gets the header of a reference while the question is pending', async () => {
  const references = new CredentialReferences()
  const request = await references.lend(bearer, async ({ credential = '' }) => {
    expect(credential).not.toContain('secret')
    expect(references.answer(asking(credential), loader, worker)).toEqual({
      [credentialHeader]: bearer,
    })
    return asking(credential)
  })
  expect(references.answer(request, loader, worker)).toEqual({})
})

test.each<[what: string, client: { type: ClientTypes; url: string } | undefined, worker?: string]>([
  ['a page', { type: 'window', url: worker }],
  ['another worker', { type: 'worker', url: 'https://app.example/spy.js' }],
  ['a blob worker', { type: 'worker', url: 'blob:https://app.example/modelferry-worker.js' }],
  ['an unknown client', undefined],
])('%s that received a reference gets no header', async (_, client) => {
  const references = new CredentialReferences()
  await references.lend(bearer, async ({ credential = '' }) =>
    expect(references.answer(asking(credential), client, worker)).toEqual({}),
  )
})

test('a request without a header has no reference', async () => {
  expect(await new CredentialReferences().lend(undefined, async (given) => given)).toEqual({})
})

test('a loader without an answer from the service worker fails with an error', async () => {
  for (const fetch of [
    async () => new Response('', { status: 404 }),
    () => Promise.reject(new TypeError('x')),
  ]) {
    vi.stubGlobal('fetch', fetch)
    await expect(resolveCredential('https://app.example/', 'x')).rejects.toMatchObject({
      code: 'worker',
    })
  }
})
