import type { FerryErrorCode } from 'modelferry'
import type { PageOptions } from './PageOptions.ts'
import type { SiteAnswer } from './SiteAnswer.ts'

/** A fault that keeps a page from connecting, and the expected message. */
export interface SiteFault {
  /** Host name of the site. */
  readonly host?: string
  /** Other answers of the site; undefined: 404. */
  readonly site?: Record<string, SiteAnswer | undefined>
  readonly pageOptions?: PageOptions
  readonly code: FerryErrorCode
  /** The expected advice. */
  readonly says: RegExp
}
