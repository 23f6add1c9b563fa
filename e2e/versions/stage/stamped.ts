import type { Release } from './Release.ts'

const banner = /^\/\*! modelferry (?<version>\S+), build (?<build>\w{12}),/
/** The protocol number in minified code: where it is sent, and where it is compared. */
const protocol = /(?<=\bprotocol(?::|[!=]==))\d+\b/g

/**
 * A built script as another release would have it: the same program with another version, build and protocol number.
 *
 * @throws Error when the script does not contain its own at the known places
 */
export function stamped(script: string, release: Release): string {
  const { version, build } = banner.exec(script)?.groups ?? {}
  if (version === undefined || build === undefined) throw new Error('The script has no banner.')
  const stamps = script.split(build).length - 1
  const numbers = script.match(protocol) ?? []
  if (stamps < 2 || numbers.length < 3 || new Set(numbers).size > 1)
    throw new Error(
      `The script names its build ${stamps} times, its protocol as "${numbers.join()}".`,
    )
  const renamed = script.replaceAll(version, release.version).replaceAll(build, release.build)
  return release.protocol === undefined ? renamed : renamed.replace(protocol, `${release.protocol}`)
}
