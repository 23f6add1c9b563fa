/** One way to request a file; implemented in `page-requests.ts`. */
export interface WayToAsk {
  readonly name: string
  readonly by: 'fetch' | 'xhr' | 'cache' | 'worker' | 'module' | 'cancel' | 'twice'
  readonly method?: 'HEAD'
  readonly range?: string
  readonly cache?: RequestCache
}

/** The ways in which libraries and pages request a model file. */
export const waysToAsk: readonly WayToAsk[] = [
  { name: 'whole', by: 'fetch' },
  { name: 'head', by: 'fetch', method: 'HEAD' },
  { name: 'probe', by: 'fetch', range: 'bytes=0-0' },
  { name: 'front', by: 'fetch', range: 'bytes=0-1023' },
  { name: 'middle', by: 'fetch', range: 'bytes=100000-149999' },
  { name: 'open-end', by: 'fetch', range: 'bytes=100000-' },
  { name: 'suffix', by: 'fetch', range: 'bytes=-1000' },
  { name: 'past-the-end', by: 'fetch', range: 'bytes=99999999-' },
  { name: 'past-32-bits', by: 'fetch', range: 'bytes=4294967289-4294967299' },
  { name: 'xhr', by: 'xhr' },
  { name: 'xhr-range', by: 'xhr', range: 'bytes=100000-149999' },
  { name: 'cache-add', by: 'cache' },
  { name: 'worker', by: 'worker' },
  { name: 'worker-range', by: 'worker', range: 'bytes=100000-149999' },
  { name: 'module-worker', by: 'module' },
  { name: 'cancel', by: 'cancel' },
  { name: 'twice-at-once', by: 'twice' },
  { name: 'no-store', by: 'fetch', cache: 'no-store' },
  { name: 'no-cache', by: 'fetch', cache: 'no-cache' },
  { name: 'reload', by: 'fetch', cache: 'reload' },
]

/** The ways in which a page asks for the newest version of a file. */
export const newestWays: readonly string[] = ['no-cache', 'reload', 'no-store']

/** Representative requests for servers whose behaviour hardly depends on the request. */
export const fewWays: readonly string[] = [
  'whole',
  'head',
  'middle',
  'xhr',
  'cache-add',
  'worker',
  'cancel',
  'no-cache',
]
