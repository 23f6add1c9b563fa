import type { Stretch } from './Stretch.ts'

/** Stretches of speech in words: `Speech from 0.6 to 2.3 s and from 4.2 to 5.5 s.` */
export function describeStretches(stretches: readonly Stretch[]): string {
  if (stretches.length === 0) return 'No speech.'
  const parts = stretches.map(({ start, end }) => `from ${start.toFixed(1)} to ${end.toFixed(1)} s`)
  return `Speech ${new Intl.ListFormat('en-GB').format(parts)}.`
}
