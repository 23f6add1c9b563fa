import type { BrowserKind } from './BrowserKind.ts'
import { browserRuns } from './browserRuns.ts'

/** The system functions of {@link findBrowser}; replaced in tests. */
export interface BrowserSystem {
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
  readonly runs: (file: string, says: RegExp) => boolean
}

const thisSystem: BrowserSystem = {
  platform: process.platform,
  env: process.env,
  runs: browserRuns,
}

/**
 * Finds a browser without installing one: the one that the environment names, or an installed one.
 *
 * @returns its path; undefined when there is none
 * @throws Error when the environment names one that does not start: a choice is not replaced silently
 */
export function findBrowser(
  { name, variables, says, candidates }: BrowserKind,
  { platform, env, runs }: BrowserSystem = thisSystem,
): string | undefined {
  for (const variable of variables) {
    const file = env[variable]
    if (file === undefined || file === '') continue
    if (runs(file, says)) return file
    throw new Error(
      `${variable} is "${file}", which is not a working ${name}. Correct it or unset it.`,
    )
  }
  return candidates(platform, env).find((file) => runs(file, says))
}
