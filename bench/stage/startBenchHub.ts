import { startHub } from 'modelferry/hub'
import type { BenchOptions } from '../BenchOptions.ts'
import { freePort } from './freePort.ts'
import { SlowLine } from './SlowLine.ts'

/** A hub, optionally behind slow connections. */
export interface BenchHub {
  /** Origin for pages. */
  readonly url: string
  close(): Promise<void>
}

/** @param folder filled, see `fillHub` */
export async function startBenchHub(
  folder: string,
  { bytesPerSecond, latencyMs }: BenchOptions,
): Promise<BenchHub> {
  if (bytesPerSecond === Infinity && latencyMs === 0) return await startHub({ open: true, folder })
  // Signed URLs contain the port of the slow connection to the storage, so it must be known before the hub starts.
  const [port, storagePort] = [await freePort(), await freePort()]
  const near = { bytesPerSecond, latencyMs }
  const lines = [
    await SlowLine.open(0, { ...near, target: port }),
    await SlowLine.open(0, { ...near, target: storagePort }),
  ] as const
  const [url, storageUrl] = [origin(lines[0].port), origin(lines[1].port)]
  const hub = await startHub({ open: true, folder, port, storagePort, url, storageUrl })
  return {
    url,
    close: async () => {
      for (const line of lines) await line.close()
      await hub.close()
    },
  }
}

function origin(port: number): string {
  return `http://127.0.0.1:${port}`
}
