/**
 * Checks one entry of a group; throws when the code disagrees with it or its shape is unknown.
 *
 * @param entry as the file has it
 * @param file all of the file, for groups that need another one as context
 */
export type EntryCheck = (
  entry: unknown,
  file: Readonly<Record<string, unknown>>,
) => void | Promise<void>
