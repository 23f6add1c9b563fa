import type { Carried } from './Carried.ts'
import type { ClientTask } from './ClientTask.ts'
import { hashOf } from './hashOf.ts'

/** Progress of the request. */
export interface XhrAnswer extends Carried {
  readonly status: number
  /** Reported totals, each once. */
  readonly totals: readonly number[]
  /** Whether the reported progress never decreased, and ended at the total. */
  readonly rising: boolean
}

/** Loads like MediaPipe's older packages: bytes by XMLHttpRequest, with progress. */
export async function xhr({ hub, repo, path, revision }: ClientTask): Promise<XhrAnswer> {
  const request = new XMLHttpRequest()
  const progress: ProgressEvent[] = []
  request.open('GET', `${hub}/${repo}/resolve/${revision ?? 'main'}/${path}`)
  request.responseType = 'arraybuffer'
  request.addEventListener('progress', (event) => progress.push(event))
  await new Promise<void>((resolve, reject) => {
    request.addEventListener('load', () => resolve())
    request.addEventListener('error', () => reject(new Error('The request failed.')))
    request.send()
  })
  const bytes = request.response as ArrayBuffer
  return {
    status: request.status,
    size: bytes.byteLength,
    sha256: await hashOf(bytes),
    totals: [
      ...new Set(progress.map(({ lengthComputable, total }) => (lengthComputable ? total : 0))),
    ],
    rising:
      progress.every(({ loaded }, at) => at === 0 || loaded >= progress[at - 1]!.loaded) &&
      progress.at(-1)?.loaded === bytes.byteLength,
  }
}
