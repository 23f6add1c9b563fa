import { median } from '../median.ts'
import type { Sample } from '../Sample.ts'
import { startPair } from './startPair.ts'

const asks = 20

/** The baseline of the gateway. */
export const bareHub = 'bare hub'

/**
 * Milliseconds of a request for file info over HTTP, directly and through the gateway, in turn: medians of 20
 * requests each.
 *
 * @param rounds measured rounds, after some warm-up rounds
 * @throws Error for an unexpected response
 */
export async function measureGateway(rounds: number): Promise<Sample[]> {
  const pair = await startPair()
  const samples: Sample[] = []
  try {
    for (let round = -9; round <= rounds; round++) {
      for (const who of ['anonymous', 'recognised', 'token'] as const) {
        const times = { bare: [] as number[], gated: [] as number[] }
        for (let ask = 0; ask < asks; ask++) {
          times.bare.push(await pair.ask('bare', who))
          times.gated.push(await pair.ask('gated', who))
        }
        if (round <= 0) continue
        samples.push(
          { subject: who, variant: bareHub, round, value: median(times.bare) },
          { subject: who, variant: 'behind the gateway', round, value: median(times.gated) },
        )
      }
    }
  } finally {
    await pair.close()
  }
  return samples
}
