// The loops of the codec in AssemblyScript; `npm run wasm` compiles them into ../codecWasm.ts. Every address
// is the caller's, see ../codecRoom.ts; below 16384 lies what the module keeps for itself.
export { blake3 } from './blake3'
export { lz4 } from './lz4'
export { sha256 } from './sha256'
export { ungroup } from './ungroup'
