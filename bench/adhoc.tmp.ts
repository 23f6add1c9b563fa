import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { callCounter } from './small/call-counter.ts'
import { bundlePage } from './stage/bundlePage.ts'
import { openPage } from './stage/openPage.ts'
import { startBenchHub } from './stage/startBenchHub.ts'
import { startSite } from './stage/startSite.ts'
import { withBrowser } from './stage/withBrowser.ts'
const trace = callCounter.replace("counts[name] = (counts[name] ?? 0) + 1 }", "counts[name] = (counts[name] ?? 0) + 1; log.push([performance.timeOrigin+performance.now(), name]) }").replace("const counts = {}", "const counts = {}; const log = []").replace("if (data === 'ask') tell(counts)", "if (data === 'ask') tell(counts); if (data === 'log') tell({ who: typeof clients === 'undefined' ? 'L' : 'S', log })")
const amounts = (process.argv[2] ?? '1,25').split(',').map(Number)
const latency = Number(process.argv[3] ?? 0)
const folder = join(import.meta.dirname, '../.cache/bench/small')
const files = JSON.parse(readFileSync(join(folder, 'bench.json'), 'utf8'))
const hub = await startBenchHub(folder, { bytesPerSecond: Infinity, latencyMs: latency } as never)
const { resolve } = createRequire(import.meta.url)
const workers = Object.fromEntries(['/modelferry-sw.js', '/modelferry-worker.js'].map((p) => [p, trace + readFileSync(resolve(`modelferry${p}`), 'utf8')]))
const site = await startSite(await bundlePage(join(import.meta.dirname, 'page/main.ts')), workers)
for (const amount of amounts) await withBrowser(async (context) => {
  const wanted = files.slice(0, amount)
  const plainTab = await openPage(context, site.page(`plain-${amount}`))
  const plain = await plainTab.evaluate(({ hub, wanted }) => bench.many(hub, wanted), { hub: hub.url, wanted })
  const tab = await openPage(context, site.page(`small-${amount}`))
  await tab.evaluate((url) => bench.connect(url), hub.url)
  await tab.waitForTimeout(1000)
  const t0 = await tab.evaluate(() => performance.timeOrigin + performance.now())
  const before = await tab.evaluate(() => bench.calls())
  const t1 = await tab.evaluate(() => performance.timeOrigin + performance.now())
  const ms = await tab.evaluate(({ hub, wanted }) => bench.many(hub, wanted), { hub: hub.url, wanted })
  const t2 = await tab.evaluate(() => performance.timeOrigin + performance.now())
  const calls = await tab.evaluate(() => bench.calls())
  console.log(`\n== ${amount} files: plain ${plain.toFixed(0)} ms, ferry ${ms.toFixed(0)} ms, ratio ${(ms / plain).toFixed(2)}`)
  for (const name of Object.keys(calls).sort()) console.log(name.padEnd(20), `${(calls[name]! - (before[name] ?? 0))}`.padStart(7), ((calls[name]! - (before[name] ?? 0)) / amount).toFixed(1).padStart(8))
  if (amount === 1) {
    const logs = await tab.evaluate(async () => {
      const c = new BroadcastChannel('bench-calls'); const all: any[] = []
      c.addEventListener('message', ({ data }) => { if (data.who) for (const [t, n] of data.log) all.push([t, data.who, n]) })
      c.postMessage('log'); await new Promise((r) => setTimeout(r, 500)); return all })
    for (const [t, who, n] of logs.sort((a, b) => a[0] - b[0])) if (t >= t1 && t <= t2 + 200) console.log((t - t1).toFixed(1).padStart(8), who, n)
  }
})
await site.close(); await hub.close()
