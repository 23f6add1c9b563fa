import { downloadFile, fileDownloadInfo } from '@huggingface/hub'
import type { Carried } from './Carried.ts'
import type { ClientTask } from './ClientTask.ts'
import { hashOf } from './hashOf.ts'

/** Results of the hub's own client. */
export interface HubAnswer extends Carried {
  /** Strong tag without quotes. */
  readonly etag: string
  /** 100 bytes from the middle, requested separately, as hex digits. */
  readonly slice: string
}

/** The hub's own client: looks up a file, fetches a slice of it, then all of it. */
export async function hub({ repo, path = '', revision, xet }: ClientTask): Promise<HubAnswer> {
  const wanted = {
    repo,
    path,
    ...(revision !== undefined && { revision }),
    ...(xet !== undefined && { xet }),
  }
  const info = await fileDownloadInfo(wanted)
  const blob = await downloadFile(wanted)
  if (info === null || blob === null) throw new Error(`The client did not find ${path} in ${repo}.`)
  const slice = await blob.slice(1_000_000, 1_000_100).arrayBuffer()
  const whole = await blob.arrayBuffer()
  return {
    size: info.size,
    etag: info.etag.replaceAll('"', ''),
    slice: [...new Uint8Array(slice)].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
    sha256: await hashOf(whole),
  }
}
