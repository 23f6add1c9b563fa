import { expect } from '@playwright/test'
import { test } from '../stage/test.ts'
import { serveWith } from './stage/serveWith.ts'
import { strictPolicy } from './stage/strictPolicy.ts'

const wanted = "require-trusted-types-for 'script'; trusted-types"

for (const [what, more, script] of [
  ['the policy of modelferry', `${wanted} modelferry`, ''],
  [
    'a default policy of the page, which lets the workers pass',
    `${wanted} default`,
    `trustedTypes.createPolicy('default', {
      createScriptURL: (url) => (/modelferry-(sw|worker).js/.test(url) ? url : null),
    })`,
  ],
] as const)
  test(`Trusted Types with ${what}`, async ({ stage }) => {
    const { vad } = stage.files
    const { answers } = stage.site
    const page = answers.get('/')!
    answers.set('/', {
      ...page,
      body: String(page.body).replace('<script', '<script src="/policy.js"></script><script'),
    })
    answers.set('/policy.js', { headers: { 'content-type': 'text/javascript' }, body: script })
    serveWith(stage, strictPolicy(stage, { more }))
    expect(await stage.connect()).toBe(true)
    for (const by of ['page', 'ferry'] as const)
      expect(await stage.fetch(vad, { by })).toMatchObject({ status: 200, sha256: vad.sha256 })
    // The page's own strings are refused as before.
    const own = stage.page.evaluate(() => void new Worker('/modelferry-worker.js?other'))
    if (more.endsWith(' modelferry')) await expect(own).rejects.toThrow('TrustedScriptURL')
    expect(await stage.events('fault')).toEqual([])
  })
