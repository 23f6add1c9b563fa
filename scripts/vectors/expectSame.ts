/**
 * Throws unless two printable values are the same.
 *
 * @param what names the value in the error
 * @param actual what the code gave
 * @param expected what the vector says
 */
export function expectSame<Value extends string | number | null>(
  what: string,
  actual: Value,
  expected: Value,
): void {
  if (actual !== expected) throw new Error(`${what} is ${actual}, expected ${expected}`)
}
