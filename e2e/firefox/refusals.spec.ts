import { expectRefusal } from '../stage/expectRefusal.ts'
import { expectPlainWay } from '../strict/stage/expectPlainWay.ts'
import { insecureSite } from '../stage/insecureSite.ts'
import { siteFaults } from '../stage/siteFaults.ts'
import { refuseIn } from './stage/refuseIn.ts'
import { test } from './stage/test.ts'

for (const [what, siteFault] of Object.entries({ ...siteFaults, 'an insecure page': insecureSite }))
  test(`${what}: connect() says what to do, and the page goes on`, async ({ stage }) => {
    await expectRefusal(stage, siteFault)
  })

test('a private window: connect() says what to do, and the page goes on', async ({ stage }) => {
  const settings = { 'browser.privatebrowsing.autostart': true }
  await refuseIn({ settings }, stage, {
    code: 'unsupported',
    says: /private windows.*Allow site data/,
  })
})

test('workers that may connect to the hub only: the page has each file at its first request', async ({
  stage,
}) => {
  await expectPlainWay(stage)
})
