import type { EntryCheck } from './EntryCheck.ts'
import { vectorGroups } from './vectorGroups.ts'
import type { VectorTally } from './VectorTally.ts'

/** Keys that describe the file and contain no entries. */
const NOT_GROUPS: readonly string[] = ['about']

/**
 * Checks every entry of every group of a vector file. Never throws: a fault of the file, or an unknown group, counts
 * as a failure, so that nothing is skipped silently.
 *
 * @param text the file's text
 * @param groups the check of each group
 */
export async function checkVectors(
  text: string,
  groups: ReadonlyMap<string, EntryCheck> = vectorGroups,
): Promise<VectorTally> {
  let file: unknown
  try {
    file = JSON.parse(text)
  } catch (error) {
    return { passed: 0, failures: [`this is not JSON: ${messageOf(error)}`] }
  }
  if (!isRecord(file)) return { passed: 0, failures: ['this is not a JSON object with groups'] }
  const failures: string[] = []
  let passed = 0
  for (const [group, entries] of Object.entries(file)) {
    if (NOT_GROUPS.includes(group)) continue
    const check = groups.get(group)
    if (check === undefined || !Array.isArray(entries)) {
      failures.push(
        check === undefined ? `${group}: unknown group` : `${group}: this is not a list`,
      )
      continue
    }
    for (const [index, entry] of entries.entries()) {
      try {
        await check(entry, file)
        passed++
      } catch (error) {
        failures.push(`${group}[${index}]${nameOf(entry)}: ${messageOf(error)}`)
      }
    }
  }
  if (passed === 0 && failures.length === 0) failures.push('there is nothing to check')
  return { passed, failures }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function nameOf(entry: unknown): string {
  const name = isRecord(entry) ? (entry['name'] ?? entry['reason'] ?? entry['id']) : undefined
  return typeof name === 'string' ? ` ${name}` : ''
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
