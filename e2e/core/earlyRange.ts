import { expectEarlyRange } from '../stage/expectEarlyRange.ts'
import type { CoreScenario } from './CoreScenario.ts'

/** A range before the file is complete. */
export const earlyRange: CoreScenario = {
  name: 'a range of a file in transfer is answered when it is verified',
  run: async (stage) => {
    await stage.connect()
    await expectEarlyRange(stage)
  },
}
