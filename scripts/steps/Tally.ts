/** How many tests a step ran, by how they ended. */
export interface Tally {
  passed: number
  failed: number
}
