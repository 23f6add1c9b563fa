/**
 * Checks one entry of a group; throws when the code disagrees with it or its form is unknown.
 *
 * @param entry from the file
 * @param file the whole file, for groups that need another one as context
 */
export type EntryCheck = (
  entry: unknown,
  file: Readonly<Record<string, unknown>>,
) => void | Promise<void>
