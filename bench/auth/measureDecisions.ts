import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { createQueue } from '../../src/queue/index.ts'
import type { Decision } from '../../src/auth/decision.ts'
import type { Sample } from '../Sample.ts'
import type { Crowd, Visitors } from './Crowd.ts'
import { gatherCrowd } from './gatherCrowd.ts'

/** A round is short, so that other load on the machine slows either all of it or nothing. */
const times = 100
const warmUp = 50

/** The baseline of decisions: one SHA-256 of a token, as text, by both APIs of Node. */
export const digests = {
  noble: 'SHA-256, @noble/hashes',
  subtle: 'SHA-256, crypto.subtle',
} as const

/**
 * Milliseconds of one decision, and of one decision with admission to the queue and release, for all kinds of callers
 * in turn; and of one hash.
 *
 * @param rounds measured rounds, after some warm-up rounds
 * @throws Error when a caller gets a wrong decision
 */
export async function measureDecisions(rounds: number): Promise<Sample[]> {
  const crowd = gatherCrowd()
  const ways = [
    ...hashWays(crowd),
    ...crowd.kinds.flatMap((visitors) => visitorWays(crowd, visitors)),
  ]
  const samples: Sample[] = []
  for (let round = 1 - warmUp; round <= rounds; round++) {
    for (const [variant, work] of ways) {
      const start = performance.now()
      for (let at = 0; at < times; at++) await work((round + warmUp) * times + at)
      const value = (performance.now() - start) / times
      if (round > 0) samples.push({ subject: 'request', variant, round, value })
    }
  }
  return samples
}

type Way = readonly [variant: string, work: (at: number) => unknown]

function hashWays({ tokens }: Crowd): Way[] {
  const bytesOf = (at: number) => utf8ToBytes(tokens[at % tokens.length]!)
  return [
    [digests.noble, (at) => sha256(bytesOf(at))],
    [digests.subtle, (at) => crypto.subtle.digest('SHA-256', bytesOf(at))],
  ]
}

function visitorWays({ auth, limits }: Crowd, { kind, requests, peers }: Visitors): Way[] {
  const queue = createQueue()
  const decide = async (at: number): Promise<Decision> => {
    const peer = peers[at % peers.length]!
    const decision = await auth.decide(requests[at % requests.length]!, { peer })
    if (decision.kind === kind) return decision
    throw new Error(`A caller of kind ${kind} was decided as ${decision.kind}.`)
  }
  const admit = async (at: number): Promise<void> => {
    const { queueKey, tier, bypass } = await decide(at)
    const slot = await queue.enter({ key: queueKey!, limits: limits[tier!], bypass })
    slot.release()
  }
  return [
    [`decide, ${kind}`, decide],
    [`decide and admit, ${kind}`, admit],
  ]
}
