import { expect } from '@playwright/test'
import type { ErrorData } from 'modelferry'
import { browsers } from './stage/browsers.ts'
import type { LifetimeWindow } from './stage/LifetimeWindow.ts'
import { uploadNoise } from './stage/uploadNoise.ts'
import { test } from './stage/test.ts'

for (const browser of browsers)
  test(`${browser}: a page with other options is opened during a body: it connects, and its options apply when the body has ended`, async ({
    hub,
    traffic,
    cross,
  }) => {
    const file = await uploadNoise(hub, { name: 'options', size: 1_200_000, stallMs: 22_000 })
    const seen = await cross({ browser, work: readBeside, input: file.url, limitMs: 300_000 })
    expect(seen.got).toMatchObject({ status: 200, size: file.size, sha256: file.sha256 })
    expect(seen.beside).toEqual({ connected: true, reading: true })
    expect(seen.taken).toBe(true)
    // Its options are not replaced; Chromium may leave it uncontrolled, as in update.spec.ts.
    expect(seen.faults.beside.filter(({ code }) => code !== 'worker')).toEqual([])
    expect(seen.faults.here[0]).toMatchObject({ code: 'configuration' })
    expect(traffic.repeated()).toEqual([])
  })

async function readBeside(url: string) {
  type Frame = LifetimeWindow & Window
  const page = window as unknown as LifetimeWindow
  let reading = true
  const body = page.fetchInPage({ url }).finally(() => (reading = false))
  await page.wait(3000)
  const frame = document.createElement('iframe')
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve))
  frame.src = '/'
  document.body.append(frame)
  await loaded
  const { modelferry, navigator } = frame.contentWindow as unknown as Frame
  const faults: ErrorData[] = []
  const connected = await modelferry
    .connect({ hubs: [new URL(url).origin], runtimes: false })
    .then((ferry) => {
      ferry.addEventListener('fault', ({ detail }) => faults.push(detail))
      return ferry.controlled
    }, String)
  const beside = { connected, reading }
  const ours = (): boolean => {
    const { controller } = navigator.serviceWorker
    return controller?.scriptURL.includes('runtimes') === true
  }
  const got = await body
  for (let turn = 0; turn < 150 && !ours(); turn += 1) await page.wait(100)
  const taken = ours()
  await page.wait(4000)
  const here = page.events.filter(({ name }) => name === 'fault').map(({ detail }) => detail)
  return { got, beside, taken, faults: { here, beside: faults } }
}
