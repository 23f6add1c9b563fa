import type { FerryErrorCode } from 'modelferry'
import type { Boarding } from './Boarding.ts'
import type { SiteAnswer } from './SiteAnswer.ts'

/** A fault that keeps a page from connecting, and the expected message. */
export interface Trouble {
  /** Host name of the site. */
  readonly host?: string
  /** Other answers of the site; undefined: 404. */
  readonly site?: Record<string, SiteAnswer | undefined>
  readonly boarding?: Boarding
  readonly code: FerryErrorCode
  /** The expected advice. */
  readonly says: RegExp
}
