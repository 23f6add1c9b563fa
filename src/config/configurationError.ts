import { FerryError } from '../core/FerryError.ts'

/** More than that nobody corrects in one go. */
const shown = 8

/**
 * A start-up error that names every entry that is wrong, as far as it can be read.
 *
 * @param faults sentences without a full stop
 */
export function configurationError(faults: readonly string[]): FerryError {
  const rest = faults.length - shown
  const lines = faults.slice(0, shown).map((fault) => `\n- ${fault}`)
  if (rest > 0) lines.push(`\n- and ${rest} more`)
  return new FerryError(
    'configuration',
    `The configuration cannot be used; nothing was started. Correct:${lines.join('')}`,
  )
}
