// Serves the Hub API, LFS and the CAS protocol from a folder, with presigned URLs that expire.
// Node only. It knows no gateway; one can be placed in front of it.
// Start with create-hub.ts, then app.ts (middleware and routes); storage/ has the files on disk, public.ts the
// exports.

export type { AccessToken, HubFront } from './hub.ts'
export type { RequestKind } from './log.ts'
export { startHub } from './http-server.ts'
