import { expect } from '@playwright/test'
import type { Boarding } from '../../stage/Boarding.ts'
import type { ClientName } from '../pages/ClientName.ts'
import type { Cell } from './Cell.ts'
import type { ClientStage } from './ClientStage.ts'
import type { Voyage } from './Voyage.ts'

/**
 * Runs a client with nothing on the device, once more after a reload, and after another one with hub and site
 * closed and no network. Between them only modelferry keeps anything. The second load asks nobody.
 *
 * @param loads those wanted, in this order; default: all
 * @param boarding what the page says to `connect`; default: nothing
 */
export async function loadThrice<Name extends ClientName>(
  stage: ClientStage,
  voyage: Voyage<Name>,
  loads: readonly Cell['load'][] = ['cold', 'warm', 'offline'],
  boarding: Boarding = {},
): Promise<void> {
  await stage.board(boarding)
  stage.traffic.clear()
  voyage.check(await stage.run(voyage, 'cold'))
  expect(stage.traffic.all.length).toBeGreaterThan(0)
  expect(stage.traffic.repeated()).toEqual([])

  if (loads.includes('warm')) {
    await stage.reload()
    voyage.check(await stage.run(voyage, 'warm'))
    expect(stage.traffic.all.map(({ method, path }) => `${method} ${path}`)).toEqual([])
  }
  if (loads.includes('offline')) {
    await stage.leaveNetwork()
    voyage.check(await stage.run(voyage, 'offline'))
  }
}
