import type { Lock, LockedPackage } from './Lock.ts'
import { platformOf } from './platformOf.ts'

/**
 * Finds optional packages that a lock file lacks. `npm install` omits optional packages that its registry does not
 * offer, such as a linter's binaries for other systems. `npm ci` then rejects the lock file, and on those systems the
 * linter would have no binary.
 *
 * @returns the entries to add, by their key in `packages`; without a checksum, which npm adds when it has one
 * @throws Error when an optional package is not a platform binary
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
