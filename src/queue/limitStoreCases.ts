import { keyCases } from './keyCases.ts'
import { leaseCases } from './leaseCases.ts'
import type { LimitStoreCase } from './LimitStoreCase.ts'
import { startCases } from './startCases.ts'

/**
 * What every limit store has to do, for any test framework: give each case a fresh store.
 *
 * @example
 * for (const { title, run } of limitStoreCases) test(title, () => run({ store, now: Date.now, pass: sleep }))
 */
export const limitStoreCases: readonly LimitStoreCase[] = [
  ...startCases,
  ...leaseCases,
  ...keyCases,
]
