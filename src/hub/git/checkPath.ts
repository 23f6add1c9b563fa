import { HubRefusal } from '../answer/HubRefusal.ts'

const LONGEST = 1024

/**
 * Refuses what is no path of a file within a repository.
 *
 * @param path decoded, without leading slash
 * @returns the same path
 * @throws HubRefusal 400
 */
export function checkPath(path: string): string {
  const broken =
    path.length > LONGEST ||
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    /[\u0000-\u001f\u007f\\]/.test(path) ||
    path.split('/').some((part) => part === '' || part === '.' || part === '..')
  if (broken) {
    throw new HubRefusal(
      400,
      `A file path must be relative, at most ${LONGEST} characters, without empty, '.' or '..' parts, backslashes and control characters.`,
    )
  }
  return path
}
