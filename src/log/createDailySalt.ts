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
  let days = Number.NaN
  let day = ''
  let salt = new Uint8Array()
  // One request has several lines, one after the other.
  let last: { network: string; hash: string } | undefined
  const turn = (): void => {
    const today = Math.floor(clock.now() / dayMs)
    if (today === days) return
    day = new Date(today * dayMs).toISOString().slice(0, 10)
    salt = new Uint8Array(random(saltBytes))
    last = undefined
    days = today
  }
  return {
    get day() {
      turn()
      return day
    },
    hash(network) {
      turn()
      if (last?.network !== network) {
        const digest = sha256.create().update(salt).update(utf8ToBytes(network)).digest()
        last = { network, hash: bytesToHex(digest.subarray(0, shownBytes)) }
      }
      return last.hash
    },
  }
}
