/** For all that is random in the long tests: `SEED=7 npm run test:long` runs them with other numbers. */
export const seed: number = Number(process.env['SEED'] ?? 1)
