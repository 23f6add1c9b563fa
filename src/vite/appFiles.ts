import { posix } from 'node:path'
import { isWeights } from '../core/isWeights.ts'
import type { CopiedFile } from './copiedFiles.ts'

/** Copied files above this are kept when the page uses them, not at once: it may never, bytes. */
const atOnce = 2 * 1024 * 1024

/** What a build has made. */
export interface AppBuild {
  /** Names of what the build made. */
  readonly built: readonly string[]
  /** What was copied from the public folder. */
  readonly copied: readonly CopiedFile[]
  /** Names that the browser or connect() takes care of. */
  readonly ours: readonly string[]
  /** Where all but pages is published, with a slash at its end; empty: where the pages are. */
  readonly assets: string
  /** Whether a page of this build can be shown under any address: a single-page app, and not one of relative links. */
  readonly routes: boolean
}

/** What an app is made of, relative to where it is published. */
export interface AppFiles {
  /** What its service worker keeps when the page uses it, `*` stands for anything. */
  readonly patterns: readonly string[]
  /** What is kept at once, so that the whole app is there offline, with what it loads late. */
  readonly files: readonly string[]
  /** The page that stands for every address: there is one only, at the top. */
  readonly page?: string
}

/** What the service worker keeps of a build, and which page it has for addresses that are the app's own affair. */
export function appFiles({ built, copied, ours, assets, routes }: AppBuild): AppFiles {
  const place = (name: string): string => (name.endsWith('.html') ? name : assets + name)
  const files = built.filter((name) => !name.endsWith('.map') && !ours.includes(name)).toSorted()
  const others = copied.filter(({ name }) => !ours.includes(name) && !/^[._]/.test(name))
  const tops = [...files, ...others.map(({ name }) => name)].map((name) => {
    const [top = '', below] = name.split('/', 2)
    if (below === undefined) return place(top)
    return name.endsWith('.html') ? `${top}/*` : `${assets}${top}/*`
  })
  const pages = files.filter((name) => name.endsWith('.html'))
  const folders = pages
    .filter((name) => posix.basename(name) === 'index.html')
    .map((name) => name.slice(0, -'index.html'.length) || './')
  const whole = others
    .filter(({ name, size }) => size <= atOnce && !isWeights(name) && !files.includes(name))
    .map(({ name }) => name)
    .toSorted()
  return {
    patterns: [...new Set([...folders, ...tops])].toSorted(),
    files: [...folders, ...[...files, ...whole].map(place)],
    ...(routes && pages.length === 1 && folders[0] === './' && { page: './' }),
  }
}
