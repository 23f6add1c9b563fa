/**
 * Throws unless two printable values are the same.
 *
 * @param what name of the value in the error
 * @param actual result of the code
 * @param expected value of the vector
 */
export function expectSame<Value extends string | number | null>(
  what: string,
  actual: Value,
  expected: Value,
): void {
  if (actual !== expected) throw new Error(`${what} is ${actual}, expected ${expected}`)
}
