/**
 * How WebKitGTK is started: with Safari's features (`safari`), the same in a private window (`private`), without a
 * storage estimate, which Safari before 17 does not provide either (`reticent`), or with default settings, which have
 * no private file system (`plain`).
 */
export type WebKitKind = 'safari' | 'private' | 'reticent' | 'plain'
