import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import type { Site } from '../../stage/startSite.ts'
import { ownFiles } from './ownFiles.ts'
import type { Release } from './Release.ts'
import { stamped } from './stamped.ts'

const { resolve } = createRequire(import.meta.url)

/** Deploys a release, or some of its files, to a site; open pages are not affected. */
export function deploy(
  site: Site,
  release: Release,
  files: readonly (typeof ownFiles)[number][] = ownFiles,
): void {
  for (const name of files) {
    const answer = site.answers.get(`/${name}`)
    if (!answer) throw new Error(`The site has no ${name}.`)
    const built = readFileSync(resolve(`modelferry/${name}`), 'utf8')
    site.answers.set(`/${name}`, { ...answer, body: stamped(built, release) })
  }
}
