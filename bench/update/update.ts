import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { BenchOptions } from '../BenchOptions.ts'
import { makeWeights } from '../makeWeights.ts'
import { inRounds, report } from '../rounds.ts'
import type { BenchFile } from '../stage/BenchFile.ts'
import { bundlePage } from '../stage/bundlePage.ts'
import { fillOnce } from '../stage/fill-hub.ts'
import { openPage } from '../stage/openPage.ts'
import { startBenchHub } from '../stage/startBenchHub.ts'
import { startSite } from '../stage/startSite.ts'

const repo = 'bench/update'
const path = 'model.gguf'
const peer = 'missing chunks, as uploaded'
/** Tensors that change, and their share of the file. */
const tensors = 8
const share = 0.05

/** Measures the bytes of all responses while a repository is brought up to date, over those that are missing. */
export async function runUpdate(options: BenchOptions): Promise<void> {
  const { size } = options
  const { before, after, file, uploaded } = await fill(size)
  const hub = await startBenchHub(before, { ...options, counted: true })
  const site = await startSite(await bundlePage(join(import.meta.dirname, '../page/main.ts')))
  const changed = changedLength(size)
  try {
    const measured = await inRounds(options.rounds, async (context, round) => {
      await hub.serve(before)
      const page = await openPage(context, site.page('update'))
      await page.evaluate((url) => bench.connect(url), hub.url)
      await page.evaluate(({ hub, file }) => bench.drain(hub, file), { hub: hub.url, file })
      await hub.serve(after)
      const start = hub.received()
      const announced = await page.evaluate(({ hub, repo }) => bench.update(hub, repo), {
        hub: hub.url,
        repo,
      })
      const received = hub.received() - start
      await page.reload()
      await page.evaluate((url) => bench.connect(url), hub.url)
      const load = await page.evaluate(({ hub, file }) => bench.load('fetch', hub, file, true), {
        hub: hub.url,
        file,
      })
      if (load.label !== 'hit' || load.sha256 !== file.sha256)
        throw new Error('The new revision is not on the device after the update.')
      const values = {
        [peer]: uploaded,
        'bytes that changed': changed,
        'modelferry announces': announced,
        'modelferry receives': received,
      }
      const subject = `${(share * 100).toFixed(0)} % of ${size / 1e6} MB`
      return Object.entries(values).map(([variant, value]) => ({ subject, variant, round, value }))
    })
    const note = `${tensors} tensors of a file changed; bytes of all responses, with their heads`
    await report(options, measured, { peer, note, of: 'update', unit: 'MB' })
  } finally {
    await site.close()
    await hub.close()
  }
}

/** Two folders: of a hub that has the old revision, and of one that has the new revision as well. */
async function fill(size: number): Promise<Release> {
  const root = join(import.meta.dirname, `../../.cache/bench/update-${size}`)
  const [before, after] = [join(root, 'before'), join(root, 'after')]
  await fillOnce(before, async () => [{ repo, path, bytes: makeWeights(size) }])
  const [file] = await fillOnce(
    after,
    async () => [{ repo, path, bytes: changedBytes(size) }],
    before,
  )
  return {
    before,
    after,
    file: file!,
    uploaded: (await xorbBytes(after)) - (await xorbBytes(before)),
  }
}

interface Release {
  readonly before: string
  readonly after: string
  /** The new revision. */
  readonly file: BenchFile
  /** Bytes of the xorbs that its upload has added. */
  readonly uploaded: number
}

function changedBytes(size: number): Uint8Array {
  const bytes = makeWeights(size)
  const noise = makeWeights(changedLength(size), 1)
  const each = noise.length / tensors
  for (let index = 0; index < tensors; index++)
    bytes.set(noise.subarray(index * each, (index + 1) * each), tensorStart(size, index))
  return bytes
}

/** A multiple of 4 for each tensor, because weights are numbers of 4 bytes. */
function changedLength(size: number): number {
  return Math.round((size * share) / tensors / 4) * 4 * tensors
}

/** Neither at the edges of the file nor at those of chunks. */
function tensorStart(size: number, index: number): number {
  return Math.floor(((index + 0.5) / tensors) * (size / 4)) * 4
}

async function xorbBytes(folder: string): Promise<number> {
  const root = join(folder, 'xorbs')
  const names = await readdir(root, { recursive: true })
  const stats = await Promise.all(
    names.filter((name) => !name.endsWith('.json')).map((name) => stat(join(root, name))),
  )
  return stats.filter((each) => each.isFile()).reduce((sum, each) => sum + each.size, 0)
}
