import type { Carried } from './Carried.ts'
import type { ClientWish } from './ClientWish.ts'
import { hashOf } from './hashOf.ts'

/** What the request told on its way. */
export interface XhrAnswer extends Carried {
  readonly status: number
  /** Totals told, each once. */
  readonly totals: readonly number[]
  /** Whether what was told to be loaded never went back, and ended at the total. */
  readonly rising: boolean
}

/** How MediaPipe's older packages load: bytes by XMLHttpRequest, with progress. */
export async function xhr({ hub, repo, path, revision }: ClientWish): Promise<XhrAnswer> {
  const request = new XMLHttpRequest()
  const told: ProgressEvent[] = []
  request.open('GET', `${hub}/${repo}/resolve/${revision ?? 'main'}/${path}`)
  request.responseType = 'arraybuffer'
  request.addEventListener('progress', (event) => told.push(event))
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
    totals: [...new Set(told.map(({ lengthComputable, total }) => (lengthComputable ? total : 0)))],
    rising:
      told.every(({ loaded }, at) => at === 0 || loaded >= told[at - 1]!.loaded) &&
      told.at(-1)?.loaded === bytes.byteLength,
  }
}
