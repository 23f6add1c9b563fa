import type { LockedPackage } from './Lock.ts'

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'openharmony', 'sunos', 'win32']

/**
 * Reads off the name of a package with native code which machines it is for.
 *
 * @param name such as `@oxlint/binding-linux-arm64-musl`
 * @returns the fields npm chooses by
 * @throws Error when the name says no system
 */
export function platformOf(name: string): Pick<LockedPackage, 'os' | 'cpu' | 'libc'> {
  const words = name.split(/[/-]/)
  const at = words.findIndex((word) => systems.includes(word))
  const [os, cpu, abi] = words.slice(at)
  if (at < 0 || os === undefined || cpu === undefined) {
    throw new Error(`"${name}" does not say what machines it is for; complete its entry by hand.`)
  }
  const libc = os === 'linux' && abi?.startsWith('musl') ? ['musl'] : undefined
  const glibc = os === 'linux' && abi === 'gnu' ? ['glibc'] : undefined
  const wanted = libc ?? glibc
  return { os: [os], cpu: [cpu], ...(wanted && { libc: wanted }) }
}
