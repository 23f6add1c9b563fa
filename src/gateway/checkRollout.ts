import { FerryError } from '../core/FerryError.ts'
import type { Rollout } from './Rollout.ts'
import type { Rules } from './Rules.ts'

/**
 * Completes a rollout.
 *
 * @throws FerryError `configuration` for a mode that does not exist, and a percentage that is none
 */
export function checkRollout(rollout: Rollout): Rules['rollout'] {
  const { mode, percent = 100, previous } = rollout
  if (!['enforce', 'shadow', 'off'].includes(mode)) {
    throw new FerryError(
      'configuration',
      `"${mode}" is no mode of a rollout. Use enforce, shadow or off.`,
    )
  }
  if (!(percent >= 0 && percent <= 100)) {
    throw new FerryError(
      'configuration',
      `A rollout cannot be for ${percent} percent. Use 0 to 100.`,
    )
  }
  return { mode, percent, ...(previous && { previous }) }
}
