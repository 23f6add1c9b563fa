import { expect } from '@playwright/test'
import type { Boarding } from '../../stage/Boarding.ts'
import type { ClientName } from '../pages/ClientName.ts'
import type { Cell } from './Cell.ts'
import type { ClientStage } from './ClientStage.ts'
import type { Voyage } from './Voyage.ts'

/**
 * Runs a client with empty storage, again after a reload, and again after another reload offline with hub and site
 * closed. Between the loads only modelferry keeps data. The second load sends no request.
 *
 * @param loads the loads to run, in this order; default: all
 * @param boarding options of `connect`; default: none
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
