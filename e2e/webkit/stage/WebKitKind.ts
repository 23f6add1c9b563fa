/**
 * How WebKitGTK is started: with what Safari has (`safari`), the same in a private window (`private`), or as it
 * comes, which is without a private file system (`plain`).
 */
export type WebKitKind = 'safari' | 'private' | 'plain'
