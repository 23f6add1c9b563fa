import type { Chain } from './Chain.ts'
import type { Linked } from './Linked.ts'
import { ranksBefore } from './ranksBefore.ts'
import type { Rank } from './ranksBefore.ts'

/** Puts an item where its rank says; who comes last without priority costs one comparison. */
export function insertRanked<T extends Rank & Linked<T>>(chain: Chain<T>, item: T): void {
  let next: T | null = null
  for (let each = chain.tail; each && ranksBefore(item, each); each = each.before) next = each
  chain.insert(item, next)
}
