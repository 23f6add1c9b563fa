// Serves the Hub API, LFS and the CAS protocol from a folder, with presigned URLs that expire.
// Node only. It knows no gateway; one can be placed in front of it.
// Start with create-hub.ts, then app.ts (middleware and routes); storage/ has the files on disk. This file is the
// package entry modelferry/hub.

export type {
  AccessToken,
  HubFront,
  Hub,
  HubCaller,
  HubOptions,
  HubSettings,
  RunningHub,
} from './hub.ts'
export type { RequestKind, HubOrigin, HubLog, LogEntry } from './log.ts'
export { startHub } from './http-server.ts'
export { createHub } from './create-hub.ts'
export type { FaultAction, FaultRule, Faults } from './faults.ts'
