import { expect } from '@playwright/test'
import type { PageOptions } from '../../stage/PageOptions.ts'
import type { ClientName } from '../pages/ClientName.ts'
import type { Cell } from './Cell.ts'
import type { ClientStage } from './ClientStage.ts'
import type { ClientRun } from './ClientRun.ts'

/**
 * Runs a client with empty storage, again after a reload, and again after another reload offline with hub and site
 * closed. Between the loads only modelferry keeps data. The second load sends no request.
 *
 * @param loads the loads to run, in this order; default: all
 * @param pageOptions options of `connect`; default: none
 */
export async function loadThrice<Name extends ClientName>(
  stage: ClientStage,
  clientRun: ClientRun<Name>,
  loads: readonly Cell['load'][] = ['cold', 'warm', 'offline'],
  pageOptions: PageOptions = {},
): Promise<void> {
  await stage.connect(pageOptions)
  stage.traffic.clear()
  clientRun.check(await stage.run(clientRun, 'cold'))
  expect(stage.traffic.all.length).toBeGreaterThan(0)
  expect(stage.traffic.repeated()).toEqual([])

  if (loads.includes('warm')) {
    await stage.reload()
    clientRun.check(await stage.run(clientRun, 'warm'))
    expect(stage.traffic.all.map(({ method, path }) => `${method} ${path}`)).toEqual([])
  }
  if (loads.includes('offline')) {
    await stage.leaveNetwork()
    clientRun.check(await stage.run(clientRun, 'offline'))
  }
}
