import { FerryError } from '../core/FerryError.ts'

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'This user may not write there. Change the rights, or name another folder.',
  EPERM: 'This user may not write there. Change the rights, or name another folder.',
  EROFS: 'It lies on a file system that is read-only. Name another folder.',
  ENOSPC: 'The disk is full.',
  ENOTDIR: 'A part of its path is a file and no folder. Name another folder.',
  EEXIST: 'A part of its path is a file and no folder. Name another folder.',
  EISDIR: 'There is a folder of that name. Move it away, or name another folder.',
}

/**
 * What a user can do about a file that could not be read or written.
 *
 * @param path as the user knows it
 * @returns FerryError `configuration` for what is known; others as they are
 */
export function explainFileError(error: unknown, path: string): unknown {
  const reason = reasons[(error as NodeJS.ErrnoException).code ?? '']
  if (reason === undefined) return error
  return new FerryError('configuration', `${path} cannot be read or written. ${reason}`, {
    cause: error,
  })
}
