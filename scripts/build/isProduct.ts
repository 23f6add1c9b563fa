/**
 * Whether a file is part of the build: a source, not a test.
 *
 * @param name with `/`, from the project's root
 */
export function isProduct(name: string): boolean {
  return !/\.test\.ts$|\/(?:testing|fixtures)\//.test(name)
}
