/** How a finished file was proven: by its Xet file hash, by SHA-256, or by length and ETag alone. */
export type Proof = 'xet' | 'sha256' | 'length'
