/**
 * Pseudo-random bytes that are the same on every system.
 *
 * @param seed initial value of the 64-bit state
 * @param length number of bytes
 */
export function splitmix64(seed: number, length: number): Uint8Array<ArrayBuffer> {
  const words = Math.ceil(length / 8)
  const view = new DataView(new ArrayBuffer(words * 8))
  let state = BigInt(seed)
  for (let word = 0; word < words; word++) {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n)
    let mixed = state
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n)
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn)
    view.setBigUint64(word * 8, mixed ^ (mixed >> 31n), true)
  }
  return new Uint8Array(view.buffer, 0, length)
}
