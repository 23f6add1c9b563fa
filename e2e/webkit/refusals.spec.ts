import { expectRefusal } from '../stage/expectRefusal.ts'
import { siteFaults } from '../stage/siteFaults.ts'
import { test } from './stage/test.ts'

for (const [what, siteFault] of Object.entries(siteFaults))
  test(`${what}: connect() says what to do, and the page goes on`, async ({ stage }) => {
    await expectRefusal(stage, siteFault)
  })

const words = { private: 'a private window', plain: 'no private file system' } as const

for (const kind of ['private', 'plain'] as const)
  test.describe(() => {
    test.use({ kind })
    test(`${words[kind]}: connect() says what to do, and the page goes on`, async ({ stage }) => {
      await expectRefusal(stage, {
        code: 'unsupported',
        says: /OPFS.*private windows.*Allow site data/,
      })
    })
  })
