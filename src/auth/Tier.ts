/** Who waits how: the tier of a decision, and a key of the table of limits. */
export type Tier = 'anonymous' | 'recognised' | 'seed' | 'flower' | 'nectar' | 'legacy'
