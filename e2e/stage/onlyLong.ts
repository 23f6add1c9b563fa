/**
 * Details of a test that `npm test` leaves out and `npm run test:long` runs: a variant of a test that `npm test`
 * does run.
 *
 * @param left whether it is left out
 * @example test('in a worker', onlyLong(realm === 'worker'), async ({ stage }) => {})
 */
export function onlyLong(left: boolean): { tag: string[] } {
  return { tag: left ? ['@long'] : [] }
}
