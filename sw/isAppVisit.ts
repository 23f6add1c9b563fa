/** The parts of a request that tell a visit. */
export interface VisitRequest {
  readonly url: string
  readonly method: string
  readonly mode: RequestMode
  readonly destination: RequestDestination
}

/** What the last part of an address looks like that is a file's, and no route within an app. */
const fileName = /\.(?!html?$)[a-z][a-z\d]{0,7}$/i

/**
 * Whether a request is a visit for which a single-page app's one page may stand: the whole tab goes there (a frame
 * may be anything), it reads, and what it reads is no file, for which a browser's own words are the better answer.
 */
export function isAppVisit({ url, method, mode, destination }: VisitRequest): boolean {
  const path = url.split(/[?#]/, 1)[0] ?? ''
  return (
    method === 'GET' && mode === 'navigate' && destination === 'document' && !fileName.test(path)
  )
}
