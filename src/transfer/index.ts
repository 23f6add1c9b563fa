// The transfer engine: plans what is missing, fetches it in pieces, verifies, commits and delivers it.
// Runs in any realm: store, fetch and clock are injected.
// Start with respond.ts (a request's answer), then engine.ts and transfer.ts (a file's download).

export { builtInEngine, createEngine, openBackoff, type SpareEngine } from './create-engine.ts'
export { Engine } from './engine.ts'
export { askerOf, type Asker, type FileSource, type SourceOptions } from './file-source.ts'
export { isFresh } from './kept-answers.ts'
export { RemoteSource } from './remote-source.ts'
export { contentTypeOf, respond, unkept } from './respond.ts'
export { serveChannel } from './serve-channel.ts'
export { refusedError } from './updates.ts'
