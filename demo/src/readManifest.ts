import type { Manifest } from './Manifest.ts'

/**
 * What the demo's server says about its hub and files. Offline the shell cache answers.
 *
 * @throws Error when there is no such answer
 */
export async function readManifest(): Promise<Manifest> {
  const response = await fetch('/demo.json', { signal: AbortSignal.timeout(10_000) })
  if (!response.ok) {
    throw new Error(`/demo.json was answered with ${response.status}: start the demo's own server.`)
  }
  return (await response.json()) as Manifest
}
