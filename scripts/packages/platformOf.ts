import type { LockedPackage } from './Lock.ts'

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'openharmony', 'sunos', 'win32']

/**
 * Derives the target platform from the name of a package with native code.
 *
 * @param name such as `@oxlint/binding-linux-arm64-musl`
 * @returns the fields by which npm selects it
 * @throws Error when the name contains no known system
 */
export function platformOf(name: string): Pick<LockedPackage, 'os' | 'cpu' | 'libc'> {
  const words = name.split(/[/-]/)
  const at = words.findIndex((word) => systems.includes(word))
  const [os, cpu, abi] = words.slice(at)
  if (at < 0 || os === undefined || cpu === undefined) {
    throw new Error(`"${name}" does not name a known platform; complete its entry by hand.`)
  }
  const libc = os === 'linux' && abi?.startsWith('musl') ? ['musl'] : undefined
  const glibc = os === 'linux' && abi === 'gnu' ? ['glibc'] : undefined
  const wanted = libc ?? glibc
  return { os: [os], cpu: [cpu], ...(wanted && { libc: wanted }) }
}
