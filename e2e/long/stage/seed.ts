/** Seed of all random numbers in the long tests, set by `SEED=7 npm run test:long`. */
export const seed: number = Number(process.env['SEED'] ?? 1)
