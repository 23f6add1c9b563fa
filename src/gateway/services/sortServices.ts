import { FerryError } from '../../core/FerryError.ts'
import type { Service } from '../Service.ts'

/**
 * Checks services, and puts the one with the longest path first.
 *
 * @throws FerryError `configuration` for a path that does not begin and end with a slash, or is another one's too
 */
export function sortServices(services: readonly Service[]): readonly Service[] {
  const names = new Map<string, string>()
  for (const { name, path } of services) {
    if (!path.startsWith('/') || !path.endsWith('/')) {
      throw wrong(`The path of service "${name}" is "${path}". Begin and end it with a slash.`)
    }
    const other = names.get(path)
    if (other !== undefined) {
      throw wrong(`Services "${other}" and "${name}" both have the path "${path}". Change one.`)
    }
    names.set(path, name)
  }
  return services.toSorted((one, other) => other.path.length - one.path.length)
}

function wrong(message: string): FerryError {
  return new FerryError('configuration', message)
}
