import type { Permit } from './Permit.ts'

/** Puts a permit among others that are in order of their start. */
export function insertPermit(permits: Permit[], permit: Permit): void {
  const index = permits.findLastIndex(({ start }) => start <= permit.start)
  permits.splice(index + 1, 0, permit)
}
