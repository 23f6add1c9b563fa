import { coldWarmOffline } from './coldWarmOffline.ts'
import { earlyRange } from './earlyRange.ts'
import { ferryFetch } from './ferryFetch.ts'
import { finishedRanges } from './finishedRanges.ts'
import { noLoader } from './noLoader.ts'
import { pause } from './pause.ts'
import { probe } from './probe.ts'
import { reloadAtHalf } from './reloadAtHalf.ts'
import { renewal } from './renewal.ts'
import type { CoreScenario } from './CoreScenario.ts'

/** The core scenarios, run in every browser. */
export const coreScenarios: readonly CoreScenario[] = [
  coldWarmOffline,
  finishedRanges,
  earlyRange,
  probe,
  renewal,
  reloadAtHalf,
  pause,
  noLoader,
  ferryFetch,
]
