/**
 * Whether a file goes into what is built: a source, and no test of one.
 *
 * @param name with `/`, from the project's root
 */
export function isProduct(name: string): boolean {
  return !/\.test\.ts$|\/(?:testing|fixtures)\//.test(name)
}
