import type { ConfigLayer } from './ConfigLayer.ts'
import { processVariables } from './processVariables.ts'
import type { ProcessVariable } from './processVariables.ts'

/**
 * What the variables of the process say, one layer for each.
 *
 * @param process name to text; a variable that is set but empty is an empty list, and an error for everything else
 */
export function readVariables(
  process: Readonly<Record<string, string | undefined>>,
): ConfigLayer[] {
  return processVariables.flatMap(({ name, path, kind }) => {
    const text = Object.hasOwn(process, name) ? process[name] : undefined
    if (text === undefined) return []
    const value = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), read(text, kind))
    return [{ name: `the variable ${name}`, value }]
  })
}

/** What cannot be read stays text, which the schema refuses in its own words. */
function read(text: string, kind: ProcessVariable['kind']): unknown {
  if (kind === 'number') return /^\d{1,15}$/.test(text) ? Number(text) : text
  if (kind === 'switch' && /^(?:true|false)$/.test(text)) return text === 'true'
  return text
}
