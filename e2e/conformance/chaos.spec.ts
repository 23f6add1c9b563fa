import { mkdir, writeFile } from 'node:fs/promises'
import { expect } from '@playwright/test'
import { digestInPage, isRefused } from '../long/stage/digestInPage.ts'
import { randomFrom } from '../long/stage/randomFrom.ts'
import { uploadMany } from '../long/stage/uploadMany.ts'
import { makeBytes } from '../stage/makeBytes.ts'
import { sha256 } from '../stage/sha256.ts'
import type { Stage } from '../stage/Stage.ts'
import type { StageFile } from '../stage/StageFile.ts'
import { test } from '../stage/test.ts'
import { chaosSteps } from './chaos-steps.ts'

/** CHAOS_SECONDS is the duration; SEED repeats a run, as far as browsers are deterministic. */
const seconds = Number(process.env['CHAOS_SECONDS'] ?? 8)
const seed = Number(process.env['SEED'] ?? Math.floor(Date.now() / 86_400_000))
const repo = 'stage/chaos'
/** A request that takes longer is stuck, milliseconds. */
const stuckMs = 60_000

test.use({
  hubOptions: { descriptorBytes: 700_000, urlLifetimeMs: 20_000, withoutXet: [`${repo}/*.plain`] },
})

test('under random faults a file arrives unchanged or its request fails', async ({ stage }) => {
  test.setTimeout(seconds * 1000 + 120_000)
  const random = randomFrom(seed)
  const bytes = chaosFiles()
  const files = await uploadMany(stage.hub.url, repo, bytes)
  await stage.connect({ retry: { stallMs: 1500, delayMs: 100, maxDelayMs: 1000 } })
  const tabs: Stage[] = [stage, await stage.tab()]
  const steps: string[] = []
  const red: string[] = []
  const tally = { right: 0, failed: 0 }
  const failures: Record<string, number> = {}
  const began = Date.now()
  const until = began + seconds * 1000

  const readers = async (at: number, random: () => number): Promise<void> => {
    while (Date.now() < until) {
      const file = files[Math.floor(random() * files.length)]!
      const { verdict, why } = await read(tabs[at]!, file, bytes.get(file.path)!, random)
      if (verdict === 'right') {
        tally.right += 1
        continue
      }
      if (verdict === 'failed') {
        tally.failed += 1
        failures[why] = (failures[why] ?? 0) + 1
        // A tab that is being replaced fails immediately.
        await new Promise((later) => setTimeout(later, 50))
        continue
      }
      const second = Math.round((Date.now() - began) / 1000)
      red.push(`second ${second}: ${why}; after ${steps.slice(-20).join(', ')}`)
      // A long run should not end before it says so.
      console.log(`  chaos: ${red.at(-1)}`)
    }
  }
  const chaos = async (): Promise<void> => {
    const names = Object.keys(chaosSteps)
    while (Date.now() < until) {
      const name = names[Math.floor(random() * names.length)]!
      // A step may itself fail because of an earlier one; the readers meet the state it leaves.
      const failure = await chaosSteps[name]!({ files, tabs, random }).catch(String)
      steps.push(failure === undefined ? name : `${name}: ${failure}`)
      await new Promise((later) => setTimeout(later, 100 + random() * 500))
    }
  }
  await Promise.all([
    chaos(),
    ...[0, 1].flatMap((tab) =>
      [0, 1].map((lane) => readers(tab, randomFrom(seed * 100 + tab * 10 + lane))),
    ),
  ])
  console.log(
    `  chaos: SEED=${seed}, ${seconds} s, ${steps.length} steps, ${tally.right} right answers, ${tally.failed} failures`,
  )
  await mkdir('test-results', { recursive: true })
  const report = { seed, seconds, ...tally, red, failures, steps }
  await writeFile('test-results/chaos.json', JSON.stringify(report, undefined, 1))
  expect(red).toEqual([])
  expect(tally.right).toBeGreaterThan(0)

  stage.hub.hub.faults.clear()
  for (const file of files) {
    const got = await tabs[0]!.fetch(file)
    expect(got, file.path).toMatchObject({ status: 200, sha256: file.sha256 })
    expect(got.failure, file.path).toBeUndefined()
  }
})

/** The outcome of a request; red: the response is neither correct nor an error, or there is none. */
interface Outcome {
  readonly verdict: 'right' | 'failed' | 'red'
  /** Readable reason; empty: correct. */
  readonly why: string
}

/** Reads a file or a part of it in one of several ways. */
async function read(
  tab: Stage,
  file: StageFile,
  whole: Uint8Array,
  random: () => number,
): Promise<Outcome> {
  const start = random() < 0.3 ? Math.floor(random() * file.size) : 0
  const end = start === 0 ? file.size : start + 1 + Math.floor(random() * (file.size - start))
  const asked = {
    url: tab.url(file),
    slice: file.size,
    by: random() < 0.5 ? ('page' as const) : ('ferry' as const),
    ...(start > 0 && { headers: { range: `bytes=${start}-${end - 1}` } }),
    ...(random() < 0.2 && { abortMs: Math.floor(random() * 800) }),
  }
  let timer: ReturnType<typeof setTimeout> | undefined
  const stuck = new Promise<'stuck'>((resolve) => {
    timer = setTimeout(() => resolve('stuck'), stuckMs)
  })
  const got = await Promise.race([tab.page.evaluate(digestInPage, asked).catch(ifGone), stuck])
  clearTimeout(timer)
  if (got === 'stuck')
    return { verdict: 'red', why: `${file.path} is stuck: ${JSON.stringify(asked)}` }
  if (got === undefined) return { verdict: 'failed', why: 'the page ended' }
  const { failure, size, digests } = got
  if (isRefused(got)) return { verdict: 'failed', why: `status ${got.status}` }
  const arrived = whole.subarray(start, failure === undefined ? end : start + size)
  const same = size === arrived.length && digests[0] === (size > 0 ? sha256(arrived) : undefined)
  if (failure !== undefined && same) return { verdict: 'failed', why: failure }
  if (same && got.status === (start > 0 ? 206 : 200)) return { verdict: 'right', why: '' }
  return { verdict: 'red', why: `${file.path}: ${JSON.stringify({ asked, got })}` }
}

function chaosFiles(): Map<string, Uint8Array> {
  const sizes = [40, 70_000, 500_000, 1_200_000, 2_400_000, 4_000_000]
  return new Map([
    ...sizes.map((size, at): [string, Uint8Array] => [
      `weights-${at}.bin`,
      makeBytes(size, at + 1, ['noise', 'text', 'floats']),
    ]),
    ['weights.bin.plain', makeBytes(1_600_000, 99, ['noise'])],
    ['config.json', new TextEncoder().encode('{"chaos":true}\n')],
  ])
}

/** Work in a page ends with the page, and a new page is not connected yet. */
function ifGone(error: unknown): undefined {
  if (!/destroyed|navigat|closed|crash|of undefined/i.test(String(error))) throw error
}
