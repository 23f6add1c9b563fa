/**
 * Waits for a promise, with a time limit.
 *
 * @throws Error with these words when it takes longer
 */
export async function within<T>(ms: number, wanted: Promise<T>, words: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${words} within ${ms / 1000} s.`)), ms)
  })
  try {
    return await Promise.race([wanted, late])
  } finally {
    clearTimeout(timer)
  }
}
