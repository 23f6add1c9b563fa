import { wildcard } from '../core/wildcard.ts'
import type { Channel } from '../protocol/Channel.ts'

const timeoutMs = 60_000

/**
 * Has the service worker keep what this page was loaded from: it came before the worker was in control.
 *
 * @param shell absolute patterns
 */
export async function keepShell(channel: Channel, shell: readonly string[]): Promise<void> {
  if (shell.length === 0) return
  const patterns = shell.map(wildcard)
  const loaded = performance.getEntriesByType('resource').map(({ name }) => name)
  const urls = [location.href, ...loaded]
    .map((url) => url.split('#', 1)[0] ?? '')
    .filter((url) => patterns.some((pattern) => pattern.test(url.split('?', 1)[0] ?? '')))
  const script = navigator.serviceWorker.controller?.scriptURL
  if (script === undefined) return
  await channel.ask('shell', { script, urls: [...new Set(urls)] }, { timeoutMs })
}
