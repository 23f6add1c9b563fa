import type { AppFiles } from './appFiles.ts'
import type { PluginSettings } from './PluginSettings.ts'

/**
 * Attributes of a page's tag that say what is kept of the app.
 *
 * @param root from the page to where the app is published, empty or with a slash at its end
 * @param app undefined in development, where nothing is kept
 * @param list name of the list of the app's files
 */
export function shellAttributes(
  { connect }: PluginSettings,
  root: string,
  app: AppFiles | undefined,
  list: string,
): Record<string, string> {
  const own = (name: string): string => (/^https?:/.test(name) ? name : root + name)
  const shell = [...(app ? [...app.patterns, list].map(own) : []), ...(connect.shell ?? [])]
  const page = connect.navigateFallback ?? (app?.page === undefined ? false : own(app.page))
  return {
    ...(shell.length > 0 && { 'data-shell': shell.join(' ') }),
    ...(page !== false && { 'data-navigate-fallback': page }),
    ...(app && { 'data-list': root + list }),
  }
}
