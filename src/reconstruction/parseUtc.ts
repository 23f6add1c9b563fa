/**
 * Reads a UTC moment: `YYYY-MM-DD`, `YYYY-MM-DDTHH:MMZ`, or `YYYY-MM-DDTHH:MM:SSZ` with up to seven
 * fraction digits, which are cut to milliseconds.
 *
 * @returns epoch milliseconds, or null for other texts and for dates that do not exist
 */
export function parseUtc(text: string): number | null {
  const match = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?Z)?$/.exec(text)
  if (match === null) return null
  const [, day, minutes = '00:00', seconds = '00', fraction = ''] = match
  const iso = `${day}T${minutes}:${seconds}.${fraction.padEnd(3, '0').slice(0, 3)}Z`
  const moment = new Date(iso)
  // Engines disagree on 30 February and on 24:00: some roll them over. Only a date that reads back
  // the same exists.
  return Number.isNaN(moment.getTime()) || moment.toISOString() !== iso ? null : moment.getTime()
}
