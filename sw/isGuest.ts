/**
 * Whether this file was imported by somebody's own service worker (`importScripts`), rather than being one. The
 * platform says only where the worker began, not which of its files is running; a stack names that.
 *
 * @param stack of an error made in this file, in the format of any browser
 * @param script where the service worker began
 */
export function isGuest(stack: string | undefined, script: string): boolean {
  const [here] = /https?:\/\/\S+?(?=:\d+:\d+\)?$)/m.exec(stack ?? '') ?? []
  return here !== undefined && bare(here) !== bare(script)
}

/** WebKit leaves queries out of its stacks. */
function bare(url: string): string {
  return url.replace(/[?#].*/, '')
}
