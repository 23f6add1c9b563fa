// The transfer engine: plans the missing parts of a file, fetches them in pieces, verifies, commits and delivers them.
// Runs in any realm: store, fetch and clock are injected. Start with respond.ts (the response to a request), then
// engine.ts and download.ts (a file's download). create-engine.ts wires them. plan.ts orders requests, division.ts divides
// ranges and lets idle connections relieve a slow one, bandwidth.ts decides which requests end early for readers that wait.
// serve-channel.ts has both ends of the search for a loader. When something is blocked or too slow (respond.ts has the times): answer-page.ts makes the
// page's own request, and page-request.ts decides when it has to. fallback.ts decides how long an unreachable server
// is waited for and when a download uses the file's own URL; plain-fetch.ts downloads by one URL.
//
//   respond ──asks──> FileSource: Engine here, or RemoteSource ──channel──> serveChannel ──> Engine
//
//   Engine            one per realm; owns the open files; asks FileInfos what a URL is
//    ├─ SharedDownload  one per wanted file; owns its DownloadReaders; ends with the last of them
//    │   └─ DownloadReader  one per answer; readerStream turns it into a body
//    └─ Download        one per file that this realm fetches, under the file's lock; reports to SharedDownload
//        ├─ BlockSource      where the bytes are: xetBlocks (Reconstructions) or plainBlocks (the URL itself)
//        ├─ TaskQueue        what is left to do; plan.ts decides the order
//        ├─ loadPiece        one piece until it is committed: renews, repeats ──> fetchPiece (one request)
//        ├─ PartialFile      the bytes on the device (store)
//        └─ ChunkVerifier    what is held, proven and releasable; its ReconstructionCheck says which of them agree

export { answerPage, ownRequestNotice } from './answer-page.ts'
export {
  Bypass,
  cacheDirectivesOf,
  isFileRequest,
  sendsCookies,
  whyNotFor,
} from './page-request.ts'
export { builtInEngine, createEngine, openBackoff, type SpareEngine } from './create-engine.ts'
export { Engine } from './engine.ts'
export { mostCompared } from './proof.ts'
export { principalOf, type Principal, type FileSource, type SourceOptions } from './file-source.ts'
export { isFresh } from './kept-answers.ts'
export { OwnRequest } from './own-request.ts'
export { RemoteSource } from './remote-source.ts'
export { contentTypeOf, refused } from './respond.ts'
export { serveChannel } from './serve-channel.ts'
export { refusedError } from './updates.ts'
export { isChanged } from './blocks.ts'
