import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Clock } from '../core/Clock.ts'
import { systemClock } from '../core/systemClock.ts'
import type { DailySalt } from './DailySalt.ts'

const saltBytes = 32
const shownBytes = 8
const dayMs = 24 * 60 * 60 * 1000

/**
 * Makes a salt that lives in memory only and is made anew every UTC day. Without it, all addresses there are could
 * be hashed and compared.
 *
 * @param options `random`: gives so many bytes that nobody can guess; default: the platform's
 */
export function createDailySalt({
  clock = systemClock,
  random = (length) => crypto.getRandomValues(new Uint8Array(length)),
}: { clock?: Clock; random?: (length: number) => Uint8Array } = {}): DailySalt {
  let day = Number.NaN
  let salt = new Uint8Array()
  const turn = (): void => {
    const today = Math.floor(clock.now() / dayMs)
    if (today === day) return
    salt = new Uint8Array(random(saltBytes))
    day = today
  }
  return {
    get day() {
      turn()
      return new Date(day * dayMs).toISOString().slice(0, 10)
    },
    hash(network) {
      turn()
      const digest = sha256.create().update(salt).update(utf8ToBytes(network)).digest()
      return bytesToHex(digest.subarray(0, shownBytes))
    },
  }
}
