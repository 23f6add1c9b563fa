import { expect } from '@playwright/test'
import { fileBytes } from '../stage/fileBytes.ts'
import { sha256 } from '../stage/sha256.ts'
import type { CoreScenario } from './CoreScenario.ts'

/** A range before the file is here. */
export const earlyRange: CoreScenario = {
  name: 'a range of a file on its way, when it is proven',
  play: async (stage) => {
    const { wide } = stage.files
    const bytes = await fileBytes.wide()
    await stage.board()
    const whole = stage.fetch(wide)
    const range = 'bytes=20000000-20000999'
    const part = await stage.fetch(wide, { init: { headers: { range } } })
    expect(part).toMatchObject({
      status: 206,
      sha256: sha256(bytes.subarray(20_000_000, 20_001_000)),
    })
    expect(await whole).toMatchObject({ status: 200, sha256: wide.sha256 })
    expect(stage.traffic.repeated()).toEqual([])
  },
}
