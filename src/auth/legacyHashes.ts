import { FerryError } from '../core/FerryError.ts'
import { digestOf } from './digestOf.ts'
import { isToken68 } from './isToken68.ts'
import { parseHost } from './parseHost.ts'

/** How legacy tokens are turned into hashes. */
export interface LegacyHashesOptions {
  /** Whether values that are host names may stay tokens, though everybody knows them. Default: false. */
  readonly allowHostNames?: boolean
}

/**
 * Turns the values of an old token list into what `legacyTokens` takes, once, for a migration.
 *
 * @param values as they were used; blanks are part of them
 * @returns SHA-256 of each, 64 hex digits, each once
 * @throws FerryError `configuration` with the place (never the value) of one that no request can carry, or that
 *   is a host name: with a dot in it, or `localhost`
 * @example legacyHashes(['legacy-01']) // ['ca7ddcaf78c75034...']
 */
export function legacyHashes(
  values: readonly string[],
  { allowHostNames = false }: LegacyHashesOptions = {},
): string[] {
  const hashes = values.map((value, index) => {
    const place = `Legacy token ${index + 1} of ${values.length}`
    if (!isToken68(value))
      throw new FerryError(
        'configuration',
        `${place} has ${value.length} characters, not all of which may stand in a token. Leave it out: no request can carry it.`,
      )
    if (!allowHostNames && isHostName(value))
      throw new FerryError(
        'configuration',
        `${place} is a host name, which everybody can guess. Give its user a token, or set allowHostNames.`,
      )
    return digestOf(value).hex
  })
  return [...new Set(hashes)]
}

/** Single labels are what most legacy tokens look like, so they do not count. */
function isHostName(value: string): boolean {
  const host = parseHost(value)
  return host !== null && (value.includes('.') || host === 'localhost')
}
