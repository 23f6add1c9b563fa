/** Grants of one app that are kept at most: each rotated token is another one. */
const most = 8

/**
 * An app's grants after somebody has come. Who came before goes, unless both are there at once: in another
 * tab, or as the same user by another token.
 *
 * @param grants as of now, the newest last
 * @param grant of whoever came
 * @param before of who was there last, as the one who asks knows; undefined: it begins
 */
export function sessionAfter(
  grants: readonly string[],
  grant: string,
  before: string | undefined,
): readonly string[] {
  const known = grants.includes(grant)
  if (before === grant) return known ? grants : [...grants, grant].slice(-most)
  return known && before === undefined ? grants : [grant]
}
