import { join } from 'node:path'
import { startHub } from 'modelferry/hub'
import type { RunningHub } from 'modelferry/hub'
import { demoModels } from './demoModels.ts'
import { fillHub } from './fillHub.ts'
import type { RunningSite } from './startSite.ts'
import { startSite } from './startSite.ts'
import { takenPort } from './takenPort.ts'

/** Small, so that the map of a file of some megabytes has several pieces. */
const PIECE_BYTES = 512 * 1024

/** Options of a demo. */
export interface DemoOptions {
  /** Port of the page; 0 for any free one. */
  port: number
  /** Port of the hub and its CAS. */
  hubPort: number
  /** Port of the presigned storage: a separate origin, as in production. */
  storagePort: number
  /** Folder of the uploaded files. */
  folder: string
  /** Lifetime of a presigned URL, milliseconds. */
  urlLifetimeMs: number
}

/** A demo that is running. */
export interface RunningDemo {
  /** URL of the page. */
  url: string
  hub: RunningHub
  /** The page's server alone; stop it, or the hub, to see what works offline. */
  site: RunningSite
  close(): Promise<void>
}

/**
 * Starts the hub, fills it with models and serves the page.
 *
 * @throws Error when a port is taken: the message names the variable to set
 * @example
 * const demo = await startDemo({
 *   port: 0, hubPort: 0, storagePort: 0, folder: '.demo', urlLifetimeMs: 5 * 60_000,
 * })
 */
export async function startDemo(options: DemoOptions): Promise<RunningDemo> {
  const { port, hubPort, storagePort, folder, urlLifetimeMs } = options
  const hub = await startHub({
    open: true,
    folder: join(folder, 'hub'),
    port: hubPort,
    storagePort,
    urlLifetimeMs,
    descriptorBytes: PIECE_BYTES,
    controls: true,
  }).catch((error: unknown) => {
    throw takenPort(error, { HUB_PORT: hubPort, STORAGE_PORT: storagePort })
  })
  try {
    const files = await fillHub(hub.url, demoModels)
    const site = await startSite(port, { hub: hub.url, runtime: '/ort/', urlLifetimeMs, files })
    const close = async (): Promise<void> => {
      await Promise.all([site.close(), hub.close()])
    }
    return { url: site.url, hub, site, close }
  } catch (error) {
    await hub.close()
    throw takenPort(error, { PORT: port })
  }
}
