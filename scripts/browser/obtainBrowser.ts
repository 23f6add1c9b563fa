import type { BrowserKind } from './BrowserKind.ts'

/** One way to get a browser onto the machine. */
export interface BrowserSource {
  /** Name in messages: "Playwright's own download". */
  readonly name: string
  /** Whether it is possible on this machine. */
  possible(): boolean | Promise<boolean>
  /** @throws when it failed */
  install(): Promise<unknown>
}

/**
 * Finds a browser, or installs one.
 *
 * @param kind kind of browser
 * @param find looks for an installed one
 * @param sources ways to install one, tried in this order until `find` succeeds
 * @param print prints one line
 * @returns the browser's path
 * @throws Error which says what was tried and what to do, when no browser can be obtained
 * @example const file = await obtainBrowser(chromium, installedBrowser, browserSources)
 */
export async function obtainBrowser(
  { name, variables: [variable] }: Pick<BrowserKind, 'name' | 'variables'>,
  find: () => string | undefined,
  sources: readonly BrowserSource[],
  print: (line: string) => void = console.log,
): Promise<string> {
  const tried: string[] = []
  let file = find()
  for (const source of sources) {
    if (file !== undefined) break
    if (!(await source.possible())) continue
    print(`No ${name} found; trying ${source.name}`)
    try {
      await source.install()
      file = find()
      if (file === undefined)
        tried.push(`${source.name}: done, but what it installed does not start`)
    } catch (error) {
      const [reason = ''] = String(error instanceof Error ? error.message : error).split('\n', 1)
      tried.push(`${source.name}: ${reason}`)
    }
  }
  if (file !== undefined) return file
  throw new Error(
    [
      `The tests need ${name}, and none was found.`,
      ...tried.map((each) => `- tried ${each}`),
      `Install ${name}, or set ${variable} to one, and run this again.`,
    ].join('\n'),
  )
}
