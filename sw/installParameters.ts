import type { SwParameters } from '../src/core/swParameters.ts'
import type { InstallOptions } from './InstallOptions.ts'

/**
 * What the service worker is to answer, with defaults filled in and addresses made absolute.
 *
 * @param script where the service worker began
 */
export function installParameters(options: InstallOptions, script: string): SwParameters {
  const { hubs = ['https://huggingface.co'], files = [], shell = [], runtimes = true } = options
  const { worker: given = 'modelferry-worker.js', navigateFallback } = options
  const worker = given === false ? undefined : new URL(given, script).href
  const { origin } = new URL(script)
  // `new URL` would resolve dots in a pattern, and escape what a pattern may hold.
  const absolute = (path: string): string => (path.startsWith('/') ? origin + path : path)
  return {
    hubs: hubs.map((hub) => absolute(hub).replace(/\/+$/, '')),
    files: files.map(absolute),
    shell: [...new Set([...(worker === undefined ? [] : [worker]), ...shell.map(absolute)])],
    ...(worker !== undefined && { worker }),
    runtimes,
    ...(navigateFallback && { navigateFallback: new URL(navigateFallback, script).href }),
    origin,
  }
}
