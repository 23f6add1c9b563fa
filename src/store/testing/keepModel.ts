import type { Store } from '../store.ts'
import type { Model } from './makeModel.ts'
import { writeRun } from './writeRun.ts'

/** Writes a whole model to the store. */
export async function keepModel(store: Store, model: Model): Promise<void> {
  const partial = await store.begin(model.content, model.bytes.length)
  for (const run of model.runs) await writeRun(partial, model, run)
  await partial.finish('xet')
}
