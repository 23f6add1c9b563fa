import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, expect } from '@playwright/test'
import type { FerryErrorCode } from 'modelferry'
import type { Boarding } from './stage/Boarding.ts'
import { failToBoard } from './stage/failToBoard.ts'
import type { Stage } from './stage/Stage.ts'
import type { SiteAnswer } from './stage/SiteAnswer.ts'
import { test } from './stage/test.ts'

const javascript = { 'content-type': 'text/javascript; charset=utf-8' }

interface Trouble {
  /** Other answers of the site; undefined: 404. */
  readonly site?: Record<string, SiteAnswer | undefined>
  readonly boarding?: Boarding
  readonly code: FerryErrorCode
  /** What to do about it. */
  readonly says: RegExp
  /** Whether the service worker started all the same, and answers by itself. */
  readonly answered?: true
}

const troubles: Record<string, Trouble> = {
  'no service worker file': {
    site: { '/modelferry-sw.js': undefined },
    code: 'worker',
    says: /modelferry-sw\.js.*missing.*modelferry init/,
  },
  'a service worker file with a wrong MIME type': {
    site: { '/modelferry-sw.js': { headers: { 'content-type': 'text/plain' }, body: '' } },
    code: 'worker',
    says: /modelferry-sw\.js.*MIME type.*modelferry init/,
  },
  'a service worker file that throws': {
    site: { '/modelferry-sw.js': { headers: javascript, body: 'throw new Error("broken")' } },
    code: 'worker',
    says: /modelferry-sw\.js.*failed/,
  },
  'a service worker below the page': {
    site: { '/deep/modelferry-sw.js': { headers: javascript, body: '' } },
    boarding: { serviceWorker: '/deep/modelferry-sw.js' },
    code: 'scope',
    says: /outside.*\/deep\/.*Service-Worker-Allowed/,
  },
  'a scope above the service worker': {
    site: { '/deep/modelferry-sw.js': { headers: javascript, body: '' } },
    boarding: { serviceWorker: '/deep/modelferry-sw.js', scope: '/' },
    code: 'scope',
    says: /Service-Worker-Allowed/,
  },
  'no loader worker file': {
    site: { '/modelferry-worker.js': undefined },
    code: 'worker',
    says: /modelferry-worker\.js.*missing.*modelferry init/,
  },
  'a loader worker that says nothing': {
    site: { '/modelferry-worker.js': { headers: javascript, body: '' } },
    code: 'worker',
    says: /modelferry-worker\.js.*another version.*modelferry init/,
  },
  'a loader worker that says nothing, and no service worker': {
    site: { '/modelferry-worker.js': { headers: javascript, body: '' } },
    boarding: { serviceWorker: false, timeoutMs: 1000 },
    code: 'timeout',
    says: /loader worker.*1000 ms/,
  },
  'a service worker of another origin': {
    boarding: { serviceWorker: 'https://cdn.example/modelferry-sw.js' },
    code: 'configuration',
    says: /serviceWorker.*origin.*copy/,
  },
}

for (const [what, { site = {}, ...trouble }] of Object.entries(troubles))
  test(`${what}: connect() says what to do, and the page goes on`, async ({ stage }) => {
    for (const [path, answer] of Object.entries(site)) {
      if (answer === undefined) stage.site.answers.delete(path)
      else stage.site.answers.set(path, answer)
    }
    await stage.page.goto(stage.site.url)
    await expectRefusal(stage, trouble)
  })

async function expectRefusal(
  stage: Stage,
  { boarding, code, says, answered }: Omit<Trouble, 'site'>,
): Promise<void> {
  const refusal = await stage.page.evaluate(failToBoard, { hubs: [stage.hub.url], ...boarding })
  expect(refusal).toMatchObject({ code, message: expect.stringMatching(says) })
  const { vad } = stage.files
  const plain = await stage.fetch(vad)
  expect(plain).toMatchObject({ status: 200, size: vad.size })
  expect('x-modelferry' in plain.headers).toBe(answered ?? false)
}

test('an insecure page: connect() says what to do, and the page goes on', async ({
  stage,
  launchOptions,
}) => {
  const args = [...(launchOptions.args ?? []), '--host-resolver-rules=MAP stage.test 127.0.0.1']
  const browser = await chromium.launch({ ...launchOptions, args })
  try {
    const page = await browser.newPage()
    await page.goto(`http://stage.test:${stage.site.port}/`)
    const says = /https.*http:\/\/stage\.test/
    await expectRefusal(stage.with(page), { code: 'insecure-context', says })
  } finally {
    await browser.close()
  }
})

test('a browser that may store nothing: connect() says what to do, and the page goes on', async ({
  stage,
  launchOptions,
}) => {
  const profile = await mkdtemp(join(tmpdir(), 'modelferry-profile-'))
  try {
    // As the browser's own setting "block all site data" does it.
    const settings = { profile: { default_content_setting_values: { cookies: 2 } } }
    await mkdir(join(profile, 'Default'))
    await writeFile(join(profile, 'Default/Preferences'), JSON.stringify(settings))
    const context = await chromium.launchPersistentContext(profile, launchOptions)
    try {
      const page = await context.newPage()
      await page.goto(stage.site.url)
      await expectRefusal(stage.with(page), { code: 'unsupported', says: /Allow site data/ })
    } finally {
      await context.close()
    }
  } finally {
    await rm(profile, { recursive: true, force: true })
  }
})
