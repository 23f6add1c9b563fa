import { rootOf } from './rootOf.ts'

/** Names of a store's folders on the device. */
export async function foldersOf(root: string): Promise<string[]> {
  const names: string[] = []
  for await (const name of (await rootOf(root)).keys()) names.push(name)
  return names
}
