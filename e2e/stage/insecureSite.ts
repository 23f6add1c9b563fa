import type { Trouble } from './Trouble.ts'

/** An insecure site, for browsers that resolve `stage.test` to this machine. */
export const insecureSite: Trouble = {
  host: 'stage.test',
  code: 'insecure-context',
  says: /https.*http:\/\/stage\.test/,
}
