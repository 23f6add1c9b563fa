import type { Release } from './Release.ts'

/** Releases of the same program, as a site may have them one after the other. */
export const releases: Record<'older' | 'newer' | 'other', Release> = {
  older: { version: '1.4.0', build: 'aaaaaaaaaaaa' },
  newer: { version: '1.5.0', build: 'bbbbbbbbbbbb' },
  /** The newer one, had it changed what crosses realms. */
  other: { version: '1.5.0', build: 'cccccccccccc', protocol: 2 },
}
