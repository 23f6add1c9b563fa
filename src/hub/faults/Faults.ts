import type { FaultRule } from './FaultRule.ts'

/** The faults of a hub. */
export interface Faults {
  /** Rules that are not used up, in the order they were added. The first that fits a request holds. */
  readonly rules: readonly FaultRule[]
  /**
   * @returns takes the rule back
   * @throws FerryError `configuration` when the rule is none
   * @example const stop = hub.faults.add({ kind: 'xorb', times: 3, action: { do: 'status', status: 403 } })
   */
  add(rule: FaultRule): () => void
  clear(): void
}
