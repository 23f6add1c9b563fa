import type { MemoryStore } from './MemoryStore.ts'

const hour = 3_600_000

/** Makes all stored answers of the hub an hour older. */
export async function ageStore({ urls, missingEntries, branches }: MemoryStore): Promise<void> {
  for (const known of [...urls.values(), ...missingEntries.values()])
    Object.assign(known, { checkedAt: known.checkedAt - hour })
  for (const { base, grant, commits, checkedAt } of await branches.entries())
    for (const commit of commits.slice(0, 1))
      await branches.confirm(base, grant, commit, checkedAt - hour)
}
