import type { Service } from '../Service.ts'

/**
 * Whose a path is: the service with the longest path that it begins with, part by part.
 *
 * @param services longest path first, see {@link sortServices}
 * @param pathname of the request, as it came
 * @example matchService(services, '/text') // the one with the path '/text/'
 */
export function matchService(services: readonly Service[], pathname: string): Service | undefined {
  return services.find(
    ({ path }) =>
      pathname.startsWith(path) ||
      (pathname.length === path.length - 1 && path.startsWith(pathname)),
  )
}
