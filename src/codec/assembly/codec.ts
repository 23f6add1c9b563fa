// The inner loops of the codec in AssemblyScript; `npm run wasm` compiles them into ../codecWasm.ts. The caller
// supplies all addresses, see `codecRoom` in ../wasm.ts. Memory below 16384 belongs to the module.
export { blake3 } from './blake3'
export { lz4 } from './lz4'
export { sha256 } from './sha256'
export { ungroup } from './ungroup'
