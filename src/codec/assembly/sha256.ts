/** Four words with their round constants, passed from vectors to the rounds. */
const WORDS = memory.data(16, 16)

function rotate(x: v128, by: i32): v128 {
  return v128.or(i32x4.shr_u(x, by), i32x4.shl(x, 32 - by))
}

function low(x: v128): v128 {
  return v128.xor(v128.xor(rotate(x, 7), rotate(x, 18)), i32x4.shr_u(x, 3))
}

function high(x: v128): v128 {
  return v128.xor(v128.xor(rotate(x, 17), rotate(x, 19)), i32x4.shr_u(x, 10))
}

/** The next four words of the message schedule. The last two depend on the first two. */
function next(w0: v128, w1: v128, w2: v128, w3: v128): v128 {
  const far = i32x4.add(w0, low(i32x4.shuffle(w0, w1, 1, 2, 3, 4)))
  const sum = i32x4.add(far, i32x4.shuffle(w2, w3, 1, 2, 3, 4))
  const first = i32x4.add(sum, high(i64x2.shuffle(w3, w3, 1, 1)))
  const last = i32x4.add(sum, high(i64x2.shuffle(first, first, 0, 0)))
  return i64x2.shuffle(first, last, 0, 3)
}

/** Loads four big-endian words of a block. */
function words(from: usize): v128 {
  const x = v128.load(from)
  return i8x16.shuffle(x, x, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)
}

/**
 * Updates a SHA-256 with whole blocks.
 *
 * @param state address of the eight words of the hash so far; changed
 * @param constants address of the 64 round constants
 * @param from address of the first block
 * @param blocks of 64 bytes
 * @see FIPS 180-4, section 6.2.2
 */
export function sha256(state: usize, constants: usize, from: usize, blocks: u32): void {
  for (const end = from + (blocks << 6); from < end; from += 64) {
    let w0 = words(from)
    let w1 = words(from + 16)
    let w2 = words(from + 32)
    let w3 = words(from + 48)
    let a = load<u32>(state)
    let b = load<u32>(state, 4)
    let c = load<u32>(state, 8)
    let d = load<u32>(state, 12)
    let e = load<u32>(state, 16)
    let f = load<u32>(state, 20)
    let g = load<u32>(state, 24)
    let h = load<u32>(state, 28)
    // The majority of a, b, c is b ^ ((a ^ b) & (b ^ c)), and one round's a ^ b is the next one's b ^ c.
    let bc = b ^ c
    for (let four: usize = 0; four < 256; four += 16) {
      v128.store(WORDS, i32x4.add(w0, v128.load(constants + four)))
      const w4 = next(w0, w1, w2, w3)
      w0 = w1
      w1 = w2
      w2 = w3
      w3 = w4
      for (let word: usize = 0; word < 16; word += 4) {
        const ab = a ^ b
        const one = rotr(rotr(rotr(e, 14) ^ e, 5) ^ e, 6) + (g ^ (e & (f ^ g)))
        const two = rotr(rotr(rotr(a, 9) ^ a, 11) ^ a, 2) + (b ^ (ab & bc))
        const sum = h + one + load<u32>(WORDS + word)
        h = g
        g = f
        f = e
        e = d + sum
        d = c
        c = b
        b = a
        a = sum + two
        bc = ab
      }
    }
    store<u32>(state, load<u32>(state) + a)
    store<u32>(state, load<u32>(state, 4) + b, 4)
    store<u32>(state, load<u32>(state, 8) + c, 8)
    store<u32>(state, load<u32>(state, 12) + d, 12)
    store<u32>(state, load<u32>(state, 16) + e, 16)
    store<u32>(state, load<u32>(state, 20) + f, 20)
    store<u32>(state, load<u32>(state, 24) + g, 24)
    store<u32>(state, load<u32>(state, 28) + h, 28)
  }
}
