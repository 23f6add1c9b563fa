import type { Manifest } from './Manifest.ts'

/**
 * Fetches the manifest of the demo's hub and files. Offline the service worker answers from its cache.
 *
 * @throws Error when there is no valid response
 */
export async function readManifest(): Promise<Manifest> {
  const response = await fetch('/demo.json', { signal: AbortSignal.timeout(10_000) })
  if (!response.ok) {
    throw new Error(`/demo.json was answered with ${response.status}: start the demo's own server.`)
  }
  return (await response.json()) as Manifest
}
