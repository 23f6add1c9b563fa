import { codecLayout, openCodec } from './wasm.ts'

const primes: number[] = []
for (let next = 2; primes.length < 64; next++) {
  if (primes.every((prime) => next % prime !== 0)) primes.push(next)
}

/**
 * The constants of SHA-256; BLAKE3 uses half of them too. Each is the first 32 fractional bits of a root of one of
 * the first primes. No root is so close to a boundary that a different rounding would change a word.
 *
 * @param root of a prime
 * @param count number of primes, at most 64
 * @see FIPS 180-4, sections 4.2.2 and 5.3.3
 */
function fractionWords(root: (prime: number) => number, count: number): Uint32Array<ArrayBuffer> {
  return Uint32Array.from(primes.slice(0, count), (prime) => (root(prime) % 1) * 2 ** 32)
}

/** The round constants of SHA-256. */
const sha256Rounds: Uint32Array<ArrayBuffer> = fractionWords(Math.cbrt, 64)

const rotate = (word: number, by: number): number => (word >>> by) | (word << (32 - by))

/**
 * Updates a SHA-256 with whole blocks, in plain JavaScript.
 *
 * @param state the eight words of the hash so far; changed
 * @param input starts with the blocks
 * @param blocks number of blocks of 64 bytes
 * @see FIPS 180-4, section 6.2.2
 */
function plainSha256(state: Uint32Array, input: Uint8Array, blocks: number): void {
  const view = new DataView(input.buffer, input.byteOffset)
  const words = new Int32Array(64)
  for (let block = 0; block < blocks; block++) {
    for (let at = 0; at < 16; at++) words[at] = view.getInt32(block * 64 + at * 4)
    for (let at = 16; at < 64; at++) {
      const x = words[at - 15]!
      const y = words[at - 2]!
      const low = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3)
      const high = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10)
      words[at] = words[at - 16]! + words[at - 7]! + low + high
    }
    let a = state[0]!
    let b = state[1]!
    let c = state[2]!
    let d = state[3]!
    let e = state[4]!
    let f = state[5]!
    let g = state[6]!
    let h = state[7]!
    for (let at = 0; at < 64; at++) {
      const high = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
      const low = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
      const sum = (h + high + (g ^ (e & (f ^ g))) + sha256Rounds[at]! + words[at]!) | 0
      const most = (a & b) | (c & (a | b))
      h = g
      g = f
      f = e
      e = (d + sum) | 0
      d = c
      c = b
      b = a
      a = (sum + low + most) | 0
    }
    state[0]! += a
    state[1]! += b
    state[2]! += c
    state[3]! += d
    state[4]! += e
    state[5]! += f
    state[6]! += g
    state[7]! += h
  }
}

/** The initial state of SHA-256; BLAKE3 uses the same words. */
export const sha256Start: Uint32Array<ArrayBuffer> = fractionWords(Math.sqrt, 8)

/**
 * Collects input that arrives in parts into whole blocks, and adds the padding of SHA-256.
 *
 * @param state receives the eight words of the hash
 * @param buffer buffer for blocks; its length is a multiple of 64
 * @param compress updates `state` with the given number of blocks from `buffer`
 * @see FIPS 180-4, section 5.1.1
 */
function streamSha256(
  state: Uint32Array,
  buffer: Uint8Array,
  compress: (blocks: number) => void,
): Sha256 {
  state.set(sha256Start)
  let filled = 0
  let total = 0
  const update = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + buffer.length - filled)
      buffer.set(part, filled)
      at += part.length
      filled += part.length
      if (filled === buffer.length) {
        compress(filled / 64)
        filled = 0
      }
    }
    total += bytes.length
  }
  return {
    update,
    hex() {
      const end = new Uint8Array(72 - ((total + 8) % 64))
      end[0] = 0x80
      new DataView(end.buffer).setBigUint64(end.length - 8, BigInt(total) * 8n)
      update(end)
      compress(filled / 64)
      return Array.from(state, (word) => word.toString(16).padStart(8, '0')).join('')
    },
  }
}

/** Bytes that are hashed at once; the codec's buffer holds four times as many. */
const STEP = 65_536

/**
 * Starts a SHA-256 that takes its input in parts, which Web Crypto cannot do. It runs in WebAssembly when the page
 * allows it, else in plain JavaScript with the same result.
 *
 * @param open makes the WebAssembly instance; a parameter so that a refusal can be tested
 * @example
 * const sha = await createSha256()
 * for await (const part of body) sha.update(part)
 * if (sha.hex() !== info.sha256) throw new FerryError('integrity', …)
 */
export async function createSha256(open: typeof openCodec = openCodec): Promise<Sha256> {
  try {
    const codec = await open()
    const { buffer } = codec.memory
    const { state, constants, input } = codecLayout
    new Uint32Array(buffer, constants).set(sha256Rounds)
    return streamSha256(
      new Uint32Array(buffer, state, 8),
      new Uint8Array(buffer, input, STEP),
      (blocks) => codec.sha256(state, constants, input, blocks),
    )
  } catch {
    // Refused by the Content-Security-Policy, or no WebAssembly.
    const state = new Uint32Array(8)
    const buffer = new Uint8Array(STEP)
    return streamSha256(state, buffer, (blocks) => plainSha256(state, buffer, blocks))
  }
}

/** A SHA-256 over bytes that arrive in parts. */
export interface Sha256 {
  update(bytes: Uint8Array): void
  /** Lower-case hex of the hash. Ends the hash: no call may follow. */
  hex(): string
}
