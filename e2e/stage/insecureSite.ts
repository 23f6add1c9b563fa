import type { SiteFault } from './SiteFault.ts'

/** An insecure site, for browsers that resolve `stage.test` to this machine. */
export const insecureSite: SiteFault = {
  host: 'stage.test',
  code: 'insecure-context',
  says: /https.*http:\/\/stage\.test/,
}
