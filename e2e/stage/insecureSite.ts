import type { Trouble } from './Trouble.ts'

/** An insecure site, for browsers that take this machine for `stage.test`. */
export const insecureSite: Trouble = {
  host: 'stage.test',
  code: 'insecure-context',
  says: /https.*http:\/\/stage\.test/,
}
