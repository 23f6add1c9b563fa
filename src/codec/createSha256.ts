import { codecRoom } from './codecRoom.ts'
import { openCodec } from './openCodec.ts'
import { plainSha256 } from './plainSha256.ts'
import type { Sha256 } from './Sha256.ts'
import { sha256Rounds } from './sha256Rounds.ts'
import { streamSha256 } from './streamSha256.ts'

/** Bytes that are hashed at once; the codec has room for four times as many. */
const STEP = 65_536

/**
 * Starts a SHA-256 that takes its input in parts, which Web Crypto cannot. WebAssembly where the page may run
 * it, else plain JavaScript with the same result.
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
    const { state, constants, input } = codecRoom
    new Uint32Array(buffer, constants).set(sha256Rounds)
    return streamSha256(
      new Uint32Array(buffer, state, 8),
      new Uint8Array(buffer, input, STEP),
      (blocks) => codec.sha256(state, constants, input, blocks),
    )
  } catch {
    // Refused by Content-Security-Policy, or no WebAssembly at all.
    const state = new Uint32Array(8)
    const room = new Uint8Array(STEP)
    return streamSha256(state, room, (blocks) => plainSha256(state, room, blocks))
  }
}
