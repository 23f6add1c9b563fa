import { join } from 'node:path'

/** Paths of the filled library for the workers of one run. */
export function libraryPath(): { root: string; folder: string; list: string } {
  const root = process.env['STAGE_LIBRARY']
  if (root === undefined)
    throw new Error('Run these tests with Playwright: its global set-up fills the hub.')
  return { root, folder: join(root, 'hub'), list: join(root, 'files.json') }
}
