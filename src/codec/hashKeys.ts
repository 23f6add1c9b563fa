/**
 * The BLAKE3 keys that keep the four kinds of Xet hashes apart. The file key is the default salt: other
 * salts are possible in the format, but no public repository uses one.
 *
 * @see Xet protocol, section on hashing, "Primitives"
 */
export const hashKeys: Readonly<
  Record<'chunk' | 'node' | 'file' | 'range', Uint8Array<ArrayBuffer>>
> = {
  chunk: new Uint8Array([
    102, 151, 245, 119, 91, 149, 80, 222, 49, 53, 203, 172, 165, 151, 24, 28, 157, 228, 33, 16, 155,
    235, 43, 88, 180, 208, 176, 75, 147, 173, 242, 41,
  ]),
  node: new Uint8Array([
    1, 126, 197, 199, 165, 71, 41, 150, 253, 148, 102, 102, 180, 138, 2, 230, 93, 221, 83, 111, 55,
    199, 109, 210, 248, 99, 82, 230, 74, 83, 113, 63,
  ]),
  file: new Uint8Array(32),
  range: new Uint8Array([
    127, 24, 87, 214, 206, 86, 237, 102, 18, 127, 249, 19, 231, 165, 195, 243, 164, 205, 38, 213,
    181, 219, 73, 230, 65, 36, 152, 127, 40, 251, 148, 195,
  ]),
}
