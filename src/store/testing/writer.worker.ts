import { createHasher } from '../../codec/hasher.ts'
import { openStore } from '../opfs-store.ts'
import { makeModel } from './makeModel.ts'
import { writeRun } from './writeRun.ts'

/** The instructions for this worker. */
export interface WriteOrder {
  readonly root: string
  readonly driver: 'sync' | 'pieces'
  readonly seed: number
  readonly size: number
  /** The action after all runs are written; `merge` writes none and merges the existing pieces. */
  readonly atEnd: 'close' | 'finish' | 'merge'
}

// Writes a model run by run and flushes after each one; posts 'flushed' with the bytes that must survive any failure.
// It may be terminated at any moment.
addEventListener('message', ({ data }: MessageEvent<WriteOrder>) => {
  void write(data).catch((error: unknown) => postMessage({ error: String(error) }))
})

async function write(order: WriteOrder): Promise<void> {
  const hasher = await createHasher()
  const store = await openStore({ hasher, root: order.root, driver: order.driver })
  const model = makeModel(hasher, order.seed, order.size)
  await store.lock(model.content, {}, async () => {
    if (order.atEnd === 'merge') return postMessage({ done: await store.merge(model.content) })
    const partial = await store.begin(model.content, model.bytes.length)
    const held = new Set(partial.committed.map((run) => run.offset))
    postMessage({ begun: [...held] })
    for (const run of model.runs.filter(({ offset }) => !held.has(offset))) {
      await writeRun(partial, model, run, 40_000)
      await partial.flush()
      postMessage({ flushed: run.offset })
    }
    if (order.atEnd === 'finish') await partial.finish('xet')
    else await partial.close()
    postMessage({ done: true })
  })
}
