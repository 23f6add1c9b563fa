import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningSite } from './startSite.ts'
import { startSite } from './startSite.ts'

const MANIFEST = { hub: 'http://hub.example', runtime: '/ort/', urlLifetimeMs: 1000, files: [] }

describe('startSite', () => {
  let site: RunningSite
  beforeAll(async () => {
    site = await startSite(0, MANIFEST)
  })
  afterAll(async () => await site.close())

  it('serves the manifest with the URL of the hub', async () => {
    const response = await fetch(`${site.url}/demo.json`)
    expect(response.headers.get('cache-control')).toBe('no-cache')
    expect(await response.json()).toEqual(MANIFEST)
  })

  it('serves the runtime with types that browsers accept', async () => {
    const wasm = await fetch(`${site.url}/ort/ort-wasm-simd-threaded.wasm`, { method: 'HEAD' })
    expect(wasm.headers.get('content-type')).toBe('application/wasm')
    expect(Number(wasm.headers.get('content-length'))).toBeGreaterThan(1_000_000)
    const script = await fetch(`${site.url}/ort/ort-wasm-simd-threaded.mjs`)
    expect(script.headers.get('content-type')).toContain('text/javascript')
    expect((await script.text()).length).toBe(Number(script.headers.get('content-length')))
  })

  it('does not send a file again that the browser has', async () => {
    const url = `${site.url}/ort/ort-wasm-simd-threaded.mjs`
    const etag = (await fetch(url, { method: 'HEAD' })).headers.get('etag') ?? ''
    const again = await fetch(url, { headers: { 'if-none-match': etag } })
    expect(again.status).toBe(304)
    const other = await fetch(url, { method: 'HEAD', headers: { 'if-none-match': '"other"' } })
    expect(other.status).toBe(200)
  })

  it.each([
    ['GET', '/nothing', 404],
    ['GET', '/assets/not-there.js', 404],
    ['POST', '/', 405],
  ])('answers %s %s with %i', async (method, path, status) => {
    expect((await fetch(site.url + path, { method })).status).toBe(status)
  })

  it('fails with the code of the system when the port is in use', async () => {
    await expect(startSite(Number(new URL(site.url).port), MANIFEST)).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
  })
})
