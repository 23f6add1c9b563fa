import type { Lock, LockedPackage } from './Lock.ts'
import { platformOf } from './platformOf.ts'

/**
 * Finds what `npm ci` would miss in a lock file. `npm install` leaves out optional packages that its registry
 * does not offer, such as a linter's binaries for other systems; `npm ci` then refuses the lock file, and on
 * those systems the linter would lack its binary.
 *
 * @returns the entries to add, by their key in `packages`; without a checksum, which npm adds when it has one
 * @throws Error when an optional package is no platform's binary
 */
export function missingOptionals(lock: Lock): Record<string, LockedPackage> {
  const missing: Record<string, LockedPackage> = {}
  for (const [where, { dev, optionalDependencies = {} }] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const places = [`${where}/node_modules/${name}`, `node_modules/${name}`]
      if (places.some((place) => lock.packages[place])) continue
      const entry = { version, ...(dev && { dev }), optional: true, ...platformOf(name) }
      missing[`node_modules/${name}`] = entry
    }
  }
  return missing
}
