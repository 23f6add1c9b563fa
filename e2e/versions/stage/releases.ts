import type { Release } from './Release.ts'

/** Successive releases of the same program. */
export const releases: Record<'older' | 'newer' | 'other', Release> = {
  older: { version: '1.4.0', build: 'aaaaaaaaaaaa' },
  newer: { version: '1.5.0', build: 'bbbbbbbbbbbb' },
  /** A newer release with another protocol number. */
  other: { version: '1.5.0', build: 'cccccccccccc', protocol: 99 },
}
