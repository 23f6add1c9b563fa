import { expectEarlyRange } from '../stage/expectEarlyRange.ts'
import type { CoreScenario } from './CoreScenario.ts'

/** A range before the file is here. */
export const earlyRange: CoreScenario = {
  name: 'a range of a file on its way, when it is proven',
  play: async (stage) => {
    await stage.board()
    await expectEarlyRange(stage)
  },
}
