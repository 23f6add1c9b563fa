import { processVariables } from './processVariables.ts'
import { readReferences } from './readReferences.ts'

/**
 * Says which variables look like ours and are not: a misspelt one would be passed over in silence.
 *
 * @param files parsed; variables that they refer to may have any name
 */
export function unknownVariables(
  process: Readonly<Record<string, string | undefined>>,
  files: readonly unknown[],
): string[] {
  const known = ['MODELFERRY_ENVIRONMENT', ...processVariables.map(({ name }) => name)]
  const allowed = new Set(known)
  readReferences(files, ({ variable }) => allowed.add(variable))
  return Object.keys(process)
    .filter((name) => name.startsWith('MODELFERRY_') && process[name] !== undefined)
    .filter((name) => !allowed.has(name))
    .map((name) => `the variable ${name}: there is no such variable; known are ${known.join(', ')}`)
}
