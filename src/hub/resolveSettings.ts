import { FerryError } from '../core/FerryError.ts'
import type { HubSettings } from './HubSettings.ts'

const defaults: Readonly<HubSettings> = {
  urlLifetimeMs: 3_600_000,
  tokenLifetimeMs: 900_000,
  exactRanges: true,
  reconstruction: 'both',
  absentStatus: 404,
  corsOnErrors: true,
  multirange: false,
  descriptorBytes: Number.POSITIVE_INFINITY,
  withoutXet: [],
  dedupeHints: true,
}

const accepts: {
  readonly [Key in keyof HubSettings]: readonly [(value: unknown) => boolean, string]
} = {
  urlLifetimeMs: [atLeast(1000), 'milliseconds, 1000 or more'],
  tokenLifetimeMs: [atLeast(1), 'milliseconds, 1 or more'],
  exactRanges: [isBoolean, 'true or false'],
  reconstruction: [oneOf('v1', 'v2', 'both'), "'v1', 'v2' or 'both'"],
  absentStatus: [oneOf(404, 501), '404 or 501'],
  corsOnErrors: [isBoolean, 'true or false'],
  multirange: [isBoolean, 'true or false'],
  descriptorBytes: [atLeast(1), 'bytes, 1 or more'],
  withoutXet: [isTexts, 'a list of repository names or patterns'],
  dedupeHints: [isBoolean, 'true or false'],
}

function atLeast(least: number): (value: unknown) => boolean {
  return (value) => typeof value === 'number' && value >= least
}

function oneOf(...values: unknown[]): (value: unknown) => boolean {
  return (value) => values.includes(value)
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean'
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

/**
 * Fills in what was left out, and says what is wrong before anything runs with it.
 *
 * @param given fields to take over; others (unknown names, undefined) are left alone
 * @param base what holds for the fields that were not given; default: the documented defaults
 * @throws FerryError `configuration`, naming the field and what it accepts
 * @example resolveSettings({ urlLifetimeMs: 1000 }).exactRanges // true
 */
export function resolveSettings(
  given: Partial<HubSettings>,
  base: Readonly<HubSettings> = defaults,
): HubSettings {
  const settings: Record<string, unknown> = { ...base }
  for (const [key, [accept, expected]] of Object.entries(accepts)) {
    const value = given[key as keyof HubSettings]
    if (value === undefined) continue
    if (!accept(value)) {
      throw new FerryError(
        'configuration',
        `The hub setting ${key} must be ${expected}, but it is ${JSON.stringify(value)}.`,
      )
    }
    settings[key] = value
  }
  return settings as unknown as HubSettings
}
