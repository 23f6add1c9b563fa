import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { installedBrowser } from '../scripts/browser/installedBrowser.ts'
import { expectRefusal } from './stage/expectRefusal.ts'
import { test } from './stage/test.ts'
import { insecureSite } from './stage/insecureSite.ts'
import { siteFaults } from './stage/siteFaults.ts'

for (const [what, siteFault] of Object.entries(siteFaults))
  test(`${what}: connect() says what to do, and the page goes on`, async ({ stage }) => {
    await expectRefusal(stage, siteFault)
  })

test('connect() reports its own reason, not the faults of other apps of the origin', async ({
  stage,
}) => {
  await stage.page.addInitScript(() => {
    const detail = { code: 'policy', message: 'Of another app.', retryable: false }
    const event = { name: 'fault', detail }
    const other = new BroadcastChannel('modelferry')
    setInterval(() => other.postMessage({ protocol: 3, from: 'other', kind: 'event', event }), 5)
  })
  const site = { '/modelferry-sw.js': undefined }
  await expectRefusal(stage, { site, code: 'worker', says: /modelferry-sw\.js.*missing/ })
  const pageOptions = { serviceWorker: false, worker: '/nothing.js' } as const
  await expectRefusal(stage, { pageOptions, code: 'worker', says: /nothing\.js.*missing/ })
})

test('an insecure page: connect() says what to do, and the page goes on', async ({
  stage,
  launchOptions,
}) => {
  const args = [...(launchOptions.args ?? []), '--host-resolver-rules=MAP stage.test 127.0.0.1']
  const browser = await chromium.launch({ ...launchOptions, args })
  try {
    const page = await browser.newPage()
    await expectRefusal(stage.with(page), insecureSite)
  } finally {
    await browser.close()
  }
})

test('a browser with blocked storage: connect() says what to do, and the page goes on', async ({
  stage,
  launchOptions,
}) => {
  const profile = await mkdtemp(join(tmpdir(), 'modelferry-profile-'))
  try {
    // As the browser's own setting "block all site data" does it.
    const settings = { profile: { default_content_setting_values: { cookies: 2 } } }
    await mkdir(join(profile, 'Default'))
    await writeFile(join(profile, 'Default/Preferences'), JSON.stringify(settings))
    // The headless shell has no such setting.
    const executablePath = installedBrowser()
    const context = await chromium.launchPersistentContext(profile, {
      ...launchOptions,
      ...(executablePath !== undefined && { executablePath }),
    })
    try {
      const page = await context.newPage()
      await expectRefusal(stage.with(page), { code: 'unsupported', says: /Allow site data/ })
    } finally {
      await context.close()
    }
  } finally {
    await rm(profile, { recursive: true, force: true })
  }
})
