import type { FerryErrorCode } from 'modelferry'
import type { Boarding } from './Boarding.ts'
import type { SiteAnswer } from './SiteAnswer.ts'

/** Something that keeps a page from connecting, and what it is told. */
export interface Trouble {
  /** Name that the site goes by. */
  readonly host?: string
  /** Other answers of the site; undefined: 404. */
  readonly site?: Record<string, SiteAnswer | undefined>
  readonly boarding?: Boarding
  readonly code: FerryErrorCode
  /** What to do about it. */
  readonly says: RegExp
}
