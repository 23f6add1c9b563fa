import { expectRenewals } from '../stage/expectRenewals.ts'
import type { CoreScenario } from './CoreScenario.ts'

/** URLs with a lifetime shorter than a load. */
export const renewal: CoreScenario = {
  name: 'URLs that approach their deadline while pieces wait are renewed in time',
  hubOptions: { urlLifetimeMs: 2000, descriptorBytes: 500_000 },
  run: expectRenewals,
}
