import type { AutoWindow } from './writeAutoPage.ts'

/** State of an {@link AutoWindow}. */
export interface AutoState extends Pick<AutoWindow, 'atOnce' | 'faults'> {
  /** Label of its early response. */
  readonly label: string | null
  readonly controlled: boolean
}

/** Runs in the page, after it has connected. It is sent as text, so it must not use outer variables. */
export async function readAuto(): Promise<AutoState> {
  const { early, atOnce, modelferry, faults } = window as unknown as AutoWindow
  const label = await early
  const { controlled } = await modelferry.ready
  return { label, atOnce, controlled, faults }
}
