import { join } from 'node:path'

/** Where the filled library lies for the workers of one run, and what is in it. */
export function libraryPath(): { root: string; folder: string; list: string } {
  const root = process.env['STAGE_LIBRARY']
  if (root === undefined)
    throw new Error('Run these tests with Playwright: its global set-up fills the hub.')
  return { root, folder: join(root, 'hub'), list: join(root, 'files.json') }
}
