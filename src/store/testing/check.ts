/** Assertions that work in any realm: the test library runs on the page only. */
export const check = {
  equal(found: unknown, wanted: unknown, what: string): void {
    if (Object.is(found, wanted)) return
    throw new Error(`${what}: found ${String(found)}, wanted ${String(wanted)}`)
  },

  bytes(found: Uint8Array | undefined, wanted: Uint8Array, what: string): void {
    check.equal(found?.length, wanted.length, `${what}, length`)
    const wrong = wanted.findIndex((byte, at) => byte !== found?.[at])
    check.equal(wrong, -1, `${what}, first wrong byte`)
  },

  async code(promise: Promise<unknown>, wanted: string, what: string): Promise<void> {
    let found = 'no error'
    try {
      await promise
    } catch (error) {
      found = String((error as { code?: unknown }).code ?? error)
    }
    check.equal(found, wanted, what)
  },
}
