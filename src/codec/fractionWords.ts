const primes: number[] = []
for (let next = 2; primes.length < 64; next++) {
  if (primes.every((prime) => next % prime !== 0)) primes.push(next)
}

/**
 * The constants of SHA-256, half of which BLAKE3 uses as well: the first 32 bits behind the point of a root
 * of each of the first primes. No 33rd bit and following come so close to 0 or 1 that a root rounded
 * differently would change a word.
 *
 * @param root of a prime
 * @param count of primes, at most 64
 * @see FIPS 180-4, sections 4.2.2 and 5.3.3
 */
export function fractionWords(
  root: (prime: number) => number,
  count: number,
): Uint32Array<ArrayBuffer> {
  return Uint32Array.from(primes.slice(0, count), (prime) => (root(prime) % 1) * 2 ** 32)
}
