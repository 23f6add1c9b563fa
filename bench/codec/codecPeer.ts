/** The variant that the others are compared with. */
export const codecPeer = 'hash-wasm, plain LZ4'
