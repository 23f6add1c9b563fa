/**
 * How WebKitGTK is started. `safari`: with Safari's features; `private`: the same in a private window; `reticent`:
 * without a storage estimate, as Safari before 17; `plain`: with default settings, which have no private file system.
 */
export type WebKitKind = 'safari' | 'private' | 'reticent' | 'plain'
