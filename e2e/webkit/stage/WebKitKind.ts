/**
 * How WebKitGTK is started: with what Safari has (`safari`), the same in a private window (`private`), without the
 * word on how much room there is, which Safari before 17 does not give either (`reticent`), or as it comes, which is
 * without a private file system (`plain`).
 */
export type WebKitKind = 'safari' | 'private' | 'reticent' | 'plain'
