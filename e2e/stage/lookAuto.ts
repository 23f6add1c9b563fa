import type { AutoWindow } from './writeAutoPage.ts'

/** How an {@link AutoWindow} stands with modelferry. */
export interface AutoState extends Pick<AutoWindow, 'atOnce' | 'faults'> {
  /** Label of its early answer. */
  readonly label: string | null
  readonly controlled: boolean
}

/** Runs in the page, after it has connected. Sent there as text, so it uses nothing from outside. */
export async function lookAuto(): Promise<AutoState> {
  const { early, atOnce, modelferry, faults } = window as unknown as AutoWindow
  const label = await early
  const { controlled } = await modelferry.ready
  return { label, atOnce, controlled, faults }
}
