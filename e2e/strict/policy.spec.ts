import { expect } from '@playwright/test'
import { fileBytes } from '../stage/fileBytes.ts'
import { onlyLong } from '../stage/onlyLong.ts'
import type { StageWindow } from '../stage/StageWindow.ts'
import { test } from '../stage/test.ts'
import { expectHeld } from './stage/expectHeld.ts'
import { serveWith } from './stage/serveWith.ts'
import { strictPolicy } from './stage/strictPolicy.ts'

for (const [name, script] of [
  ['with WebAssembly', "'self' 'wasm-unsafe-eval'"],
  ['without WebAssembly', "'self'"],
] as const) {
  test(
    `under the strictest policy ${name}: cold, warm, ranges, after a reload and offline`,
    onlyLong(name === 'with WebAssembly'),
    async ({ stage }) => {
      const { mixed, vad } = stage.files
      const bytes = await fileBytes.mixed()
      serveWith(stage, strictPolicy(stage, { script }))
      expect(await stage.connect({ shell: ['/', '/*.js'] })).toBe(true)
      expect(await stage.page.evaluate(runsWasm)).toBe(name === 'with WebAssembly')

      const cold = await stage.fetch(mixed)
      expect(cold).toMatchObject({ status: 200, sha256: mixed.sha256 })
      expect(cold.headers['x-modelferry']).toBe('stream')
      expect(await stage.fetch(vad, { by: 'ferry' })).toMatchObject({ sha256: vad.sha256 })
      stage.traffic.clear()
      for (const round of ['warm', 'reloaded', 'offline']) {
        if (round === 'offline') {
          await Promise.all([stage.hub.close(), stage.site.close()])
          await stage.context.setOffline(true)
        }
        if (round !== 'warm') expect(await stage.reload(), round).toBe(true)
        await expectHeld(stage, mixed, bytes, round)
      }
      expect(await stage.page.evaluate(verify, stage.url(mixed))).toBe(true)
      expect(await stage.events('fault')).toEqual([])
      expect(stage.traffic.all).toEqual([])
    },
  )
}

test('under the strictest policy the service worker loads by itself, too', async ({ stage }) => {
  const { vad } = stage.files
  serveWith(stage, strictPolicy(stage))
  await stage.connect()
  await stage.page.reload()
  expect(await stage.fetch(vad)).toMatchObject({ status: 200, sha256: vad.sha256 })
})

for (const [what, change] of [
  ['scripts', { script: "'none'" }],
  ['Trusted Types', { more: "require-trusted-types-for 'script'; trusted-types 'none'" }],
] as const)
  test(`a service worker whose policy of ${what} refuses the engine: loaders work, and without one the page uses the network`, async ({
    stage,
  }) => {
    const { vad, rec } = stage.files
    serveWith(stage, strictPolicy(stage, change), '/modelferry-sw.js')
    expect(await stage.connect()).toBe(true)
    expect((await stage.fetch(vad)).headers['x-modelferry']).toBe('stream')
    expect(await stage.events('fault')).toEqual([])
    await stage.page.reload()
    const plain = await stage.fetch(rec)
    expect(plain).toMatchObject({ status: 200, sha256: rec.sha256 })
    expect(plain.headers).not.toHaveProperty('x-modelferry')
    const held = await stage.fetch(vad)
    expect(held).toMatchObject({ status: 200, sha256: vad.sha256 })
    expect(held.headers['x-modelferry']).toBe('hit')
  })

test('script-src alone may govern workers, and a report-only policy refuses nothing', async ({
  stage,
}) => {
  const { vad } = stage.files
  const connect = `connect-src 'self' ${stage.hub.url} ${stage.hub.storageUrl}`
  serveWith(stage, {
    'content-security-policy': `default-src 'none'; script-src 'self'; ${connect}`,
    'content-security-policy-report-only':
      "default-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  })
  expect(await stage.connect()).toBe(true)
  for (const by of ['page', 'ferry'] as const)
    expect(await stage.fetch(vad, { by })).toMatchObject({ status: 200, sha256: vad.sha256 })
  expect(await stage.events('fault')).toEqual([])
})

async function verify(url: string): Promise<boolean> {
  return await (window as unknown as StageWindow).ferry.verify(url)
}

function runsWasm(): boolean {
  try {
    void new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))
    return true
  } catch {
    return false
  }
}
