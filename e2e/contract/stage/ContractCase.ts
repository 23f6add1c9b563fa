import type { PageFetch } from '../../stage/fetchInPage.ts'

/** A request that a library may send. */
export interface ContractCase {
  readonly title: string
  /**
   * A model of 2.3 MB, a small JSON file, an empty file, a missing file, a path of 4 KB, a name with letters that
   * need escapes, and a model that requires a cookie.
   */
  readonly file: 'model' | 'small' | 'empty' | 'missing' | 'long' | 'odd' | 'private'
  readonly init?: PageFetch['init']
  /** Changes the file's URL before the request. */
  readonly address?: (url: string) => string
  /** Passed to the server, or not stored: it fails without a network. */
  readonly passes?: true | 'plain'
  /** The request is revalidated each time; offline the stored file is the answer. */
  readonly asks?: true
  /** Hubs may answer it differently from plain servers. */
  readonly plainOnly?: true
}
