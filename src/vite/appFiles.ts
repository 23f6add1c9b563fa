import { posix } from 'node:path'

/** What an app is made of, relative to where it is published. */
export interface AppFiles {
  /** What its service worker keeps when the page uses it, `*` stands for anything. */
  readonly patterns: readonly string[]
  /** What is kept at once, so that the whole app is there offline, with what it loads late. */
  readonly files: readonly string[]
}

/**
 * @param built names of what the build made
 * @param copied names at the top of the public folder, folders with a slash at their end
 * @param ours names that the browser or connect() takes care of
 */
export function appFiles(
  built: readonly string[],
  copied: readonly string[],
  ours: readonly string[],
): AppFiles {
  const files = built.filter((name) => !name.endsWith('.map') && !ours.includes(name)).toSorted()
  const tops = [...files, ...copied.filter((name) => !ours.includes(name))].map((name) => {
    const [top = '', below] = name.split('/', 2)
    return below === undefined ? top : `${top}/*`
  })
  const pages = files
    .filter((name) => posix.basename(name) === 'index.html')
    .map((name) => name.slice(0, -'index.html'.length) || './')
  return { patterns: [...new Set([...pages, ...tops])].toSorted(), files: [...pages, ...files] }
}
