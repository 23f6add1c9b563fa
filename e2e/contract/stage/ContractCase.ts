import type { PageFetch } from '../../stage/fetchInPage.ts'

/** Something a library may ask for. */
export interface ContractCase {
  readonly title: string
  /**
   * A model of 2.3 MB, a small JSON file, one without a byte, one that is not there, a path of 4 KB, a name
   * with letters that need escapes, and a model for those with a cookie.
   */
  readonly file: 'model' | 'small' | 'empty' | 'missing' | 'long' | 'odd' | 'private'
  readonly init?: PageFetch['init']
  /** What becomes of the file's address before it is asked for. */
  readonly address?: (url: string) => string
  /** Not for us, or not to be kept: it goes on to the server, and fails without a network. */
  readonly passes?: true | 'plain'
  /** The server is asked each time, as the request says; offline what is held is the answer. */
  readonly asks?: true
  /** Hubs need not answer it as plain servers do. */
  readonly plainOnly?: true
}
