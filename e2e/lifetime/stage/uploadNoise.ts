import type { RunningHub } from 'modelferry/hub'
import { uploadMany } from '../../long/stage/uploadMany.ts'
import { makeBytes } from '../../stage/makeBytes.ts'
import { xorbsOf } from '../../stage/xorbsOf.ts'

/** A file of the hub with its digest. */
export interface ShippedFile {
  readonly url: string
  readonly bytes: Uint8Array
  readonly size: number
  /** Hex digits. */
  readonly sha256: string
}

/**
 * Uploads a file of noise. It is a part of an older file, so that its bytes can be delivered to the page one by one.
 * Bytes of a xorb that a file uses as a whole would be delivered together.
 * @param name another name gives other bytes
 * @param size bytes, a multiple of 4
 * @param stallMs how long each request for its bytes stalls halfway: a browser makes six at a time, and there is one
 * request for less than 200 kB
 */
export async function uploadNoise(
  { hub, url }: RunningHub,
  { name, size, stallMs }: { name: string; size: number; stallMs: number },
): Promise<ShippedFile> {
  const repo = `lifetime/${name}`
  const older = makeBytes(size + 400_000, size + stallMs + 1, ['noise'])
  const bytes = older.slice(0, size)
  await uploadMany(url, repo, new Map([['model.bin', older]]))
  const [file] = await uploadMany(url, repo, new Map([['model.bin', bytes]]))
  const address = `${url}/${repo}/resolve/${file!.commit}/${file!.path}`
  const action = { do: 'stall', after: 40_000, ms: stallMs } as const
  if (stallMs > 0)
    for (const xorb of await xorbsOf(address))
      hub.faults.add({ kind: 'xorb', xorb, times: null, action })
  hub.log.clear()
  return { url: address, bytes, size, sha256: file!.sha256 }
}
