import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base } from '@playwright/test'
import type { TestType } from '@playwright/test'
import { startHub } from 'modelferry/hub'
import type { RunningHub } from 'modelferry/hub'
import { connectPage } from '../../stage/connectPage.ts'
import { fetchInPage } from '../../stage/fetchInPage.ts'
import { type Site, startSite } from '../../stage/startSite.ts'
import { Traffic } from '../../stage/Traffic.ts'
import { equipPage } from './equipPage.ts'
import type { LifetimeBrowser } from './LifetimeBrowser.ts'
import { startBrowser } from './startBrowser.ts'
import { startReports } from './startReports.ts'
import { workerPrelude } from './workerPrelude.ts'

type Base = typeof base extends TestType<infer Each, infer Shared> ? [Each, Shared] : never

/** One page and its work. */
export interface Crossing<Input, Seen> {
  readonly browser: LifetimeBrowser
  /** Runs in the connected page. It is sent there as text, so it uses nothing from outside. */
  readonly work: (input: Input) => Promise<Seen>
  readonly input: Input
  /** Time limit from the start of the browser. */
  readonly limitMs: number
}

/** Fixtures of the lifetime tests. */
export interface LifetimeFixtures {
  /** An empty folder, deleted at the end. */
  scratch: string
  /** An empty hub with descriptors of 200 kB. */
  hub: RunningHub
  traffic: Traffic
  /** The site that serves the page. */
  site: Site
  /** Opens a browser on a page, runs its work, and closes the browser after the page's report. */
  cross: <Input, Seen>(crossing: Crossing<Input, Seen>) => Promise<Seen>
}

/** `test` with browsers that no debugger observes. */
export const test: TestType<Base[0] & LifetimeFixtures, Base[1]> = base.extend<LifetimeFixtures>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of fixtures from the pattern
  scratch: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'modelferry-lifetime-'))
    try {
      await use(folder)
    } finally {
      // A browser that was just closed may still write.
      await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
    }
  },
  hub: async ({ scratch }, use) => {
    const hub = await startHub({
      open: true,
      folder: join(scratch, 'hub'),
      descriptorBytes: 200_000,
    })
    await use(hub)
    await hub.close()
  },
  traffic: async ({ hub }, use) => {
    await use(new Traffic(hub.hub.log))
  },
  // oxlint-disable-next-line no-empty-pattern -- as above
  site: async ({}, use) => {
    const site = await startSite()
    await use(site)
    await site.close()
  },
  cross: async ({ scratch, hub, site }, use) => {
    const reports = await startReports()
    let end: (() => Promise<void>) | undefined
    await use(async ({ browser, work, input, limitMs }) => {
      const pageOptions = {
        hubs: [hub.url],
        // Many browsers start at the same time.
        timeoutMs: 60_000,
        retry: { stallMs: 120_000, firstByteMs: 120_000 },
      }
      const worker = site.answers.get('/modelferry-sw.js')!
      const body = workerPrelude + String(worker.body)
      site.answers.set('/modelferry-sw.js', { ...worker, body })
      site.answers.set('/crossing', {
        headers: { 'content-type': 'text/html; charset=utf-8' },
        body: pageOf(work, input, pageOptions, reports.url),
      })
      end = await startBrowser(browser, `${site.url}crossing`, join(scratch, 'profile'))
      const report = JSON.parse(await reports.next(limitMs)) as { seen: never } | { error: string }
      if ('error' in report) throw new Error(`The page failed: ${report.error}`)
      return report.seen
    })
    await end?.()
    await reports.close()
  },
})

/** A page that only connects, does its work and reports. */
function pageOf(work: unknown, input: unknown, pageOptions: unknown, reportUrl: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>lifetime</title>
<link rel="icon" href="data:,"><script src="/modelferry.js"></script><body><script type="module">
const report = (value) =>
  fetch('${reportUrl}', { method: 'POST', mode: 'no-cors', body: JSON.stringify(value) })
try {
  window.fetchInPage = ${String(fetchInPage)}
  ;(${String(equipPage)})()
  const controlled = await (${String(connectPage)})(${JSON.stringify(pageOptions)})
  if (!controlled) throw new Error('The service worker does not control the page.')
  await report({ seen: await (${String(work)})(${JSON.stringify(input)}) })
} catch (error) {
  await report({ error: \`\${error}\n\${error?.stack}\` })
}
</script></body></html>`
}
