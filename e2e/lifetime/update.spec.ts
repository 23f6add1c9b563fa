import { expect } from '@playwright/test'
import { note } from '../long/stage/note.ts'
import { deploy } from '../versions/stage/deploy.ts'
import { releases } from '../versions/stage/releases.ts'
import { browsers } from './stage/browsers.ts'
import type { LifetimeWindow } from './stage/LifetimeWindow.ts'
import { uploadNoise } from './stage/uploadNoise.ts'
import { test } from './stage/test.ts'

const minute = 60_000

for (const browser of browsers)
  test(`${browser}: the site is updated during a body: it arrives complete, and newer pages connect meanwhile`, async ({
    hub,
    traffic,
    site,
    cross,
  }) => {
    const file = await uploadNoise(hub, { name: 'update', size: 2_400_000, stallMs: 18_000 })
    traffic.after('reconstruction', 1, () => deploy(site, releases.newer))
    const seen = await cross({ browser, work: readUpdated, input: file.url, limitMs: 5 * minute })
    const { got, meanwhile, taken, next, reloaded, faults } = seen
    note(browser, JSON.stringify({ taken, next, faults }))
    expect(got).toMatchObject({ status: 200, size: file.size, sha256: file.sha256 })
    expect(got.failure).toBeUndefined()
    expect(meanwhile).toEqual([true, true])
    // The newer one waited until the body had ended, although it called skipWaiting().
    expect(taken).toBe(true)
    expect(next).toMatchObject({ status: 200, sha256: file.sha256 })
    if (next.label !== 'hit')
      expect(faults).toMatchObject([{ code: 'worker', message: expect.stringMatching(/Reload/) }])
    expect(reloaded).toBe('hit')
    expect(traffic.repeated()).toEqual([])
  })

async function readUpdated(url: string) {
  type Frame = LifetimeWindow & Window
  const page = window as unknown as LifetimeWindow
  const options = { hubs: [new URL(url).origin], timeoutMs: 15_000 }
  const show = async (): Promise<Frame> => {
    const frame = document.createElement('iframe')
    const loaded = new Promise((resolve) => frame.addEventListener('load', resolve))
    frame.src = '/'
    document.body.append(frame)
    await loaded
    return frame.contentWindow as unknown as Frame
  }
  const connect = async ({ modelferry }: Frame): Promise<boolean | string> =>
    await modelferry.connect(options).then(({ controlled }) => controlled, String)
  const changed = new Promise<boolean>((resolve) =>
    navigator.serviceWorker.addEventListener('controllerchange', () => resolve(true)),
  )
  const reading = page.fetchInPage({ url })
  await page.wait(5000)
  const first = await connect(await show())
  // By now the newer one was terminated, because it gets no requests.
  await page.wait(37_000)
  const second = await connect(await show())
  const got = await reading
  const taken = await Promise.race([changed, page.wait(15_000).then(() => false)])
  await page.wait(5000)
  const { status, sha256, headers } = await page.fetchInPage({ url })
  const later = await show()
  await connect(later)
  const answer = await later.fetch(url)
  await answer.body?.cancel()
  const faults = page.events.filter(({ name }) => name === 'fault').map(({ detail }) => detail)
  return {
    got,
    meanwhile: [first, second],
    taken,
    next: { status, sha256, label: headers['x-modelferry'] },
    reloaded: answer.headers.get('x-modelferry'),
    faults,
  }
}
