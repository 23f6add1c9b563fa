import { startHub } from 'modelferry/hub'
import { freePort } from './freePort.ts'
import { Pacer } from './Pacer.ts'
import { SlowLine } from './SlowLine.ts'

/** A hub, optionally behind slow connections. */
export interface BenchHub {
  /** Origin for pages. */
  readonly url: string
  /** Bytes that its lines have brought to the browser; 0 without lines. */
  received(): number
  /** Closes the hub and starts it with another folder, at the same URL. Its lines stay. */
  serve(folder: string): Promise<void>
  close(): Promise<void>
}

/** The line between browser and hub. */
export interface HubLine {
  /** Bandwidth of one connection, or of all together. */
  readonly bytesPerSecond: number
  readonly latencyMs: number
  /** Whether all connections have the bandwidth together. */
  readonly shared?: boolean
  /** Whether a connection is reset now; asked for every 256 KiB of each. */
  readonly resets?: () => boolean
  /** Whether bytes are counted on a line without limits. */
  readonly counted?: boolean
}

/** @param folder filled, see `fillOnce` */
export async function startBenchHub(folder: string, line: HubLine): Promise<BenchHub> {
  const { bytesPerSecond, latencyMs, shared = false, resets, counted = false } = line
  const direct = bytesPerSecond === Infinity && latencyMs === 0 && !counted
  // Signed URLs contain the port of the slow connection to the storage, so it must be known before the hub starts.
  const [port, storagePort] = [await freePort(), await freePort()]
  const near = {
    bytesPerSecond,
    latencyMs,
    ...(shared && { shared: new Pacer(bytesPerSecond, latencyMs / 2) }),
    ...(resets && { resets }),
  }
  const lines = direct
    ? []
    : [
        await SlowLine.open(0, { ...near, target: port }),
        await SlowLine.open(0, { ...near, target: storagePort }),
      ]
  const [url, storageUrl] = (lines[1] ? lines : [{ port }, { port: storagePort }]).map(
    (end) => `http://127.0.0.1:${end.port}`,
  ) as [string, string]
  const start = (from: string) =>
    startHub({ open: true, folder: from, port, storagePort, url, storageUrl })
  let hub = await start(folder)
  return {
    url,
    received: () => lines.reduce((sum, one) => sum + one.received, 0),
    serve: async (next) => {
      await hub.close()
      hub = await start(next)
    },
    close: async () => {
      for (const one of lines) await one.close()
      await hub.close()
    },
  }
}
