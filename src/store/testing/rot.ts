import type { Store } from '../store.ts'
import type { Model } from './makeModel.ts'
import { rootOf } from './rootOf.ts'

/** Flips a bit of a stored byte, without the store's knowledge. */
export async function rot(store: Store, root: string, model: Model, offset: number): Promise<void> {
  const entry = await store.entry(model.content)
  const part = entry?.parts.find(
    (each) => each.offset <= offset && offset < each.offset + each.length,
  )
  const folder = await (await rootOf(root)).getDirectoryHandle(entry?.name ?? '')
  const file = await folder.getFileHandle(part?.name ?? '')
  const stream = await file.createWritable({ keepExistingData: true })
  const position = (part?.at ?? 0) + offset - (part?.offset ?? 0)
  await stream.write({
    type: 'write',
    position,
    data: Uint8Array.of((model.bytes[offset] ?? 0) ^ 1),
  })
  await stream.close()
}
