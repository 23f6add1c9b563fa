// Serves the Hub API, LFS and the CAS protocol from a folder, with presigned URLs that expire.
// Node only. It knows no gateway; one can be placed in front of it.
// Start with create-hub.ts, then app.ts (the order of middleware and routes). storage/repo-names.ts has the rules for
// names, and storage/ what is on the disk. Exports of the entry modelferry/hub are
// in public.ts.

export type { AccessToken, HubFront } from './hub.ts'
export type { RequestKind } from './log.ts'
export { startHub } from './listen.ts'
