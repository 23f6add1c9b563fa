import type { SwParameters } from '../core/swParameters.ts'
import { wildcard } from '../core/wildcard.ts'
import type { Channel } from '../protocol/Channel.ts'

const timeoutMs = 60_000

/**
 * Has the service worker keep what this page was loaded from: it came before the worker was in control.
 *
 * @param parameters what the service worker was told, absolute
 */
export async function keepShell(
  channel: Channel,
  { shell, navigateFallback }: SwParameters,
): Promise<void> {
  const patterns = shell.map(wildcard)
  const loaded = performance.getEntriesByType('resource').map(({ name }) => name)
  const urls = [location.href, ...loaded]
    .map((url) => url.split('#', 1)[0] ?? '')
    .filter((url) => patterns.some((pattern) => pattern.test(url.split('?', 1)[0] ?? '')))
  if (navigateFallback) urls.push(navigateFallback)
  const script = navigator.serviceWorker.controller?.scriptURL
  if (script === undefined) return
  await channel.ask('shell', { script, urls: [...new Set(urls)] }, { timeoutMs })
}
