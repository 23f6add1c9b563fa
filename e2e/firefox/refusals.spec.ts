import { expectRefusal } from '../stage/expectRefusal.ts'
import { insecureSite, troubles } from '../stage/troubles.ts'
import { FirefoxPage } from './stage/FirefoxPage.ts'
import { openFirefox } from './stage/openFirefox.ts'
import { test } from './stage/test.ts'

for (const [what, trouble] of Object.entries({ ...troubles, 'an insecure page': insecureSite }))
  test(`${what}: connect() says what to do, and the page goes on`, async ({ stage }) => {
    await expectRefusal(stage, trouble)
  })

const settings: Record<string, Record<string, unknown>> = {
  'a private window': { 'browser.privatebrowsing.autostart': true },
  'blocked site data': { 'network.cookie.cookieBehavior': 2 },
}

for (const [what, each] of Object.entries(settings))
  test(`${what}: connect() says what to do, and the page goes on`, async ({ stage }) => {
    const firefox = await openFirefox({ settings: each })
    try {
      const page = new FirefoxPage(await firefox.newPage())
      const says = /private windows and blocked site data.*Allow site data.*window/
      await expectRefusal(stage.with(page), { code: 'unsupported', says })
    } finally {
      await firefox.close()
    }
  })
