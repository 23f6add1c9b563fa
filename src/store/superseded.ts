import { FerryError } from '../core/FerryError.ts'

/** The error of a writer whose file somebody else has begun to write. */
export function superseded(content: string): FerryError {
  return new FerryError(
    'superseded',
    `Another tab or worker has taken over ${content}. Let it finish; what it commits can be read from here.`,
  )
}
