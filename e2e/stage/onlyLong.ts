/**
 * Details of a test that `npm test` leaves out and `npm run test:long` plays: a variant of a test that `npm test`
 * does play.
 *
 * @param left whether it is left out
 * @example test('in a worker', onlyLong(realm === 'worker'), async ({ stage }) => {})
 */
export function onlyLong(left: boolean): { tag: string[] } {
  return { tag: left ? ['@long'] : [] }
}
