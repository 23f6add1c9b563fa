// The embedded hub: Hub API, LFS and CAS protocol over a folder, with presigned URLs that expire.
// Node only. It knows no gateway; one may stand in front of it.
// Start with create-hub.ts, then app.ts (the order of middleware and routes). What users of modelferry/hub get is in public.ts.

export type { AccessToken, HubFront, RequestKind } from './hub.ts'
export { startHub } from './listen.ts'
