/**
 * Makes something when it is first wanted, once; what failed is tried again the next time.
 *
 * @param make is called for nobody in particular, so it must not end with one caller's patience
 * @returns gives the one that was made, and fails as `make` does
 * @example
 * const store = lazily(() => openStore())
 * await (await store()).file(content)
 */
export function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    const asked = (made ??= make())
    asked.catch(() => {
      if (made === asked) made = undefined
    })
    return asked
  }
}
