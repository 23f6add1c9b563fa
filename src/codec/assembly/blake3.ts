const CHUNK_START = 1
const CHUNK_END = 2
const PARENT = 4
const ROOT = 8
const KEYED = 16

/** Order in which each round takes the message words, times 16: offsets in {@link WORDS}. */
const ORDER = memory.data<u8>([
  0, 16, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 32, 96, 48, 160, 112, 0,
  64, 208, 16, 176, 192, 80, 144, 224, 240, 128, 48, 64, 160, 192, 208, 32, 112, 224, 96, 80, 144,
  0, 176, 240, 128, 16, 160, 112, 192, 144, 224, 48, 208, 240, 64, 0, 176, 32, 80, 128, 16, 96, 192,
  208, 144, 176, 240, 160, 224, 128, 112, 32, 80, 48, 0, 16, 96, 64, 144, 224, 176, 80, 128, 192,
  240, 16, 208, 48, 0, 160, 32, 96, 64, 112, 176, 240, 80, 0, 16, 144, 128, 96, 224, 160, 32, 192,
  48, 64, 112, 208,
])

/** The message words of four blocks, interleaved: one vector for each word. */
const WORDS = memory.data(256, 16)
/** One level of the tree: up to 128 nodes, and the unused lanes that `four` writes after the last. */
const NODES = memory.data(132 * 32, 16)

/** Address of the key of the running call. */
let key: usize = 0

function rotate16(x: v128): v128 {
  return i8x16.shuffle(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)
}

function rotate12(x: v128): v128 {
  return v128.or(i32x4.shr_u(x, 12), i32x4.shl(x, 20))
}

function rotate8(x: v128): v128 {
  return i8x16.shuffle(x, x, 1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12)
}

function rotate7(x: v128): v128 {
  return v128.or(i32x4.shr_u(x, 7), i32x4.shl(x, 25))
}

function keyWord(offset: usize): v128 {
  return v128.load32_splat(key + offset)
}

/** The sum of both numbers and the message word of this step. */
function sum(a: v128, b: v128, order: usize): v128 {
  return i32x4.add(i32x4.add(a, b), v128.load(WORDS + load<u8>(order)))
}

/** Turns four words of each of four blocks into four vectors, one for each word. */
function transpose(from: usize, stride: usize, to: usize): void {
  const a = v128.load(from)
  const b = v128.load(from + stride)
  const c = v128.load(from + 2 * stride)
  const d = v128.load(from + 3 * stride)
  const lowAb = i32x4.shuffle(a, b, 0, 4, 1, 5)
  const lowCd = i32x4.shuffle(c, d, 0, 4, 1, 5)
  const highAb = i32x4.shuffle(a, b, 2, 6, 3, 7)
  const highCd = i32x4.shuffle(c, d, 2, 6, 3, 7)
  v128.store(to, i64x2.shuffle(lowAb, lowCd, 0, 2))
  v128.store(to, i64x2.shuffle(lowAb, lowCd, 1, 3), 16)
  v128.store(to, i64x2.shuffle(highAb, highCd, 0, 2), 32)
  v128.store(to, i64x2.shuffle(highAb, highCd, 1, 3), 48)
}

/**
 * Hashes four chunks, or four pairs of nodes, in parallel. With fewer inputs the other lanes compute unused values;
 * one lane costs as much as four.
 *
 * @param from address of the first; `stride` bytes further is the second
 * @param blocks number of blocks of each
 * @param last number of bytes in the last block
 * @param counter number of each chunk
 * @param flags for all blocks, `first` and `end` also for the first and the last
 * @param to address of four results of 32 bytes, one after another
 */
function four(
  from: usize,
  stride: usize,
  blocks: u32,
  last: u32,
  counter: v128,
  flags: u32,
  first: u32,
  end: u32,
  to: usize,
): void {
  let h0 = keyWord(0)
  let h1 = keyWord(4)
  let h2 = keyWord(8)
  let h3 = keyWord(12)
  let h4 = keyWord(16)
  let h5 = keyWord(20)
  let h6 = keyWord(24)
  let h7 = keyWord(28)
  let length: u32 = 64
  do {
    if (--blocks == 0) {
      first |= end
      length = last
    }
    for (let i: usize = 0; i < 64; i += 16) transpose(from + i, stride, WORDS + i * 4)
    from += 64
    let v0 = h0
    let v1 = h1
    let v2 = h2
    let v3 = h3
    let v4 = h4
    let v5 = h5
    let v6 = h6
    let v7 = h7
    let v8 = i32x4.splat(0x6a09e667)
    let v9 = i32x4.splat(0xbb67ae85)
    let va = i32x4.splat(0x3c6ef372)
    let vb = i32x4.splat(0xa54ff53a)
    let vc = counter
    let vd = i32x4.splat(0)
    let ve = i32x4.splat(length)
    let vf = i32x4.splat(flags | first)
    for (let o = ORDER; o < ORDER + 112; o += 16) {
      v0 = sum(v0, v4, o)
      vc = rotate16(v128.xor(vc, v0))
      v8 = i32x4.add(v8, vc)
      v4 = rotate12(v128.xor(v4, v8))
      v0 = sum(v0, v4, o + 1)
      vc = rotate8(v128.xor(vc, v0))
      v8 = i32x4.add(v8, vc)
      v4 = rotate7(v128.xor(v4, v8))
      v1 = sum(v1, v5, o + 2)
      vd = rotate16(v128.xor(vd, v1))
      v9 = i32x4.add(v9, vd)
      v5 = rotate12(v128.xor(v5, v9))
      v1 = sum(v1, v5, o + 3)
      vd = rotate8(v128.xor(vd, v1))
      v9 = i32x4.add(v9, vd)
      v5 = rotate7(v128.xor(v5, v9))
      v2 = sum(v2, v6, o + 4)
      ve = rotate16(v128.xor(ve, v2))
      va = i32x4.add(va, ve)
      v6 = rotate12(v128.xor(v6, va))
      v2 = sum(v2, v6, o + 5)
      ve = rotate8(v128.xor(ve, v2))
      va = i32x4.add(va, ve)
      v6 = rotate7(v128.xor(v6, va))
      v3 = sum(v3, v7, o + 6)
      vf = rotate16(v128.xor(vf, v3))
      vb = i32x4.add(vb, vf)
      v7 = rotate12(v128.xor(v7, vb))
      v3 = sum(v3, v7, o + 7)
      vf = rotate8(v128.xor(vf, v3))
      vb = i32x4.add(vb, vf)
      v7 = rotate7(v128.xor(v7, vb))
      v0 = sum(v0, v5, o + 8)
      vf = rotate16(v128.xor(vf, v0))
      va = i32x4.add(va, vf)
      v5 = rotate12(v128.xor(v5, va))
      v0 = sum(v0, v5, o + 9)
      vf = rotate8(v128.xor(vf, v0))
      va = i32x4.add(va, vf)
      v5 = rotate7(v128.xor(v5, va))
      v1 = sum(v1, v6, o + 10)
      vc = rotate16(v128.xor(vc, v1))
      vb = i32x4.add(vb, vc)
      v6 = rotate12(v128.xor(v6, vb))
      v1 = sum(v1, v6, o + 11)
      vc = rotate8(v128.xor(vc, v1))
      vb = i32x4.add(vb, vc)
      v6 = rotate7(v128.xor(v6, vb))
      v2 = sum(v2, v7, o + 12)
      vd = rotate16(v128.xor(vd, v2))
      v8 = i32x4.add(v8, vd)
      v7 = rotate12(v128.xor(v7, v8))
      v2 = sum(v2, v7, o + 13)
      vd = rotate8(v128.xor(vd, v2))
      v8 = i32x4.add(v8, vd)
      v7 = rotate7(v128.xor(v7, v8))
      v3 = sum(v3, v4, o + 14)
      ve = rotate16(v128.xor(ve, v3))
      v9 = i32x4.add(v9, ve)
      v4 = rotate12(v128.xor(v4, v9))
      v3 = sum(v3, v4, o + 15)
      ve = rotate8(v128.xor(ve, v3))
      v9 = i32x4.add(v9, ve)
      v4 = rotate7(v128.xor(v4, v9))
    }
    h0 = v128.xor(v0, v8)
    h1 = v128.xor(v1, v9)
    h2 = v128.xor(v2, va)
    h3 = v128.xor(v3, vb)
    h4 = v128.xor(v4, vc)
    h5 = v128.xor(v5, vd)
    h6 = v128.xor(v6, ve)
    h7 = v128.xor(v7, vf)
    first = 0
  } while (blocks)
  v128.store(WORDS, h0)
  v128.store(WORDS, h1, 16)
  v128.store(WORDS, h2, 32)
  v128.store(WORDS, h3, 48)
  v128.store(WORDS, h4, 64)
  v128.store(WORDS, h5, 80)
  v128.store(WORDS, h6, 96)
  v128.store(WORDS, h7, 112)
  for (let i: usize = 0; i < 32; i++) {
    store<u32>(to + i * 4, load<u32>(WORDS + (i & 7) * 16 + (i >> 3) * 4))
  }
}

/**
 * Keyed BLAKE3 of up to 128 KiB.
 *
 * @param keyAt address of the 32 bytes of the key
 * @param from address of the input; the 64 bytes after it are set to 0
 * @param length bytes, at most 131072
 * @returns address of the 32 bytes of the hash; valid until the next call
 * @see the BLAKE3 paper, section 2
 */
export function blake3(keyAt: usize, from: usize, length: u32): usize {
  key = keyAt
  memory.fill(from + length, 0, 64)
  // The last chunk may be shorter, so it is hashed alone.
  const others: u32 = length == 0 ? 0 : (length - 1) >> 10
  for (let i: u32 = 0; i < others; i += 4) {
    const counter = i32x4.add(i32x4.splat(i), i32x4(0, 1, 2, 3))
    const to = NODES + (i << 5)
    four(from + (i << 10), 1024, 16, 64, counter, KEYED, CHUNK_START, CHUNK_END, to)
  }
  const rest = length - (others << 10)
  const blocks: u32 = rest == 0 ? 1 : (rest + 63) >> 6
  const last = rest - ((blocks - 1) << 6)
  const end = others == 0 ? CHUNK_END | ROOT : CHUNK_END
  const to = NODES + (others << 5)
  four(from + (others << 10), 0, blocks, last, i32x4.splat(others), KEYED, CHUNK_START, end, to)

  for (let count = others + 1; count > 1;) {
    const pairs = count >> 1
    // A node without a partner moves up unchanged. It is copied because `four` may overwrite it.
    const odd = NODES + ((count - 1) << 5)
    const oddFront = v128.load(odd)
    const oddBack = v128.load(odd, 16)
    const root = count == 2 ? ROOT : 0
    for (let i: u32 = 0; i < pairs; i += 4) {
      const to = NODES + (i << 5)
      four(NODES + (i << 6), 64, 1, 64, i32x4.splat(0), KEYED | PARENT, root, 0, to)
    }
    if (count & 1) {
      v128.store(NODES + (pairs << 5), oddFront)
      v128.store(NODES + (pairs << 5), oddBack, 16)
    }
    count -= pairs
  }
  return NODES
}
