import { HubRefusal } from '../answer/HubRefusal.ts'

/**
 * Refuses what is no repository name. Names become folder names, so this is also what keeps them inside.
 *
 * @param name `owner/name` or `name`, decoded
 * @returns the same name
 * @throws HubRefusal 400
 */
export function checkRepoName(name: string): string {
  const parts = name.split('/')
  const fine =
    parts.length <= 2 &&
    parts.every((part) => /^[A-Za-z0-9_][A-Za-z0-9._-]{0,95}$/.test(part) && !part.includes('..'))
  if (!fine) {
    throw new HubRefusal(
      400,
      'A repository name is owner/name or name, each of at most 96 letters, digits, dots, dashes and underscores.',
    )
  }
  return name
}
