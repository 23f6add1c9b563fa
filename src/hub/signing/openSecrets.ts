import { randomBytes } from 'node:crypto'
import type { Folder } from '../disk/Folder.ts'
import type { Secrets } from './Secrets.ts'

/**
 * Reads the hub's secrets, or makes them: URLs and tokens stay good over a restart.
 *
 * @param folder the hub's folder
 */
export async function openSecrets(folder: Folder): Promise<Secrets> {
  const path = folder.path('secrets.json')
  const text = await folder.read(path)
  const held =
    text === undefined
      ? { key: randomBytes(32).toString('hex'), epoch: 1 }
      : (JSON.parse(text) as { key: string; epoch: number })
  const save = (): Promise<void> => folder.write(path, JSON.stringify(held))
  if (text === undefined) await save()
  const key = Uint8Array.from(Buffer.from(held.key, 'hex'))
  return {
    key,
    get epoch() {
      return held.epoch
    },
    async nextEpoch() {
      held.epoch++
      await save()
    },
  }
}
