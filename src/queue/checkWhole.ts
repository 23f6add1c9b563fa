import { FerryError } from '../core/FerryError.ts'

/**
 * @param name of the option, as the message tells it
 * @throws FerryError `configuration` when the value is no whole number of at least `minimum`
 */
export function checkWhole(name: string, value: number, minimum: number): void {
  if (Number.isInteger(value) && value >= minimum) return
  throw new FerryError(
    'configuration',
    `${name} is ${value}; give a whole number of at least ${minimum}.`,
  )
}
