/** Where a key waits for its turn: `express` for those who bypass, `turns` for everybody else. */
export type Lane = 'express' | 'turns'

/**
 * Who bypasses goes first. But after as many such starts in a row as its weight, one goes to the others: two busy
 * subjects would otherwise keep everybody else out for ever.
 *
 * @param express whether somebody waits there
 * @param turns whether somebody waits there
 * @param streak starts from the express lane since the last turn, while others waited
 * @param weight of the key at the head of the express lane
 */
export function chooseLane(
  express: boolean,
  turns: boolean,
  streak: number,
  weight: number,
): Lane | null {
  if (express && turns) return streak < weight ? 'express' : 'turns'
  if (express) return 'express'
  return turns ? 'turns' : null
}
