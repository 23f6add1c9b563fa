/** Caches in memory, with the used part of the platform's interface. */
export class FakeCaches {
  readonly entries: Map<string, Map<string, Response>> = new Map<string, Map<string, Response>>()

  /** Puts a response into a cache of that name. */
  keep(place: string, url: string, response: Response): void {
    const cache = this.entries.get(place) ?? new Map<string, Response>()
    this.entries.set(place, cache.set(url, response))
  }

  has(place: string): Promise<boolean> {
    return Promise.resolve(this.entries.has(place))
  }

  open(place: string): Promise<Cache> {
    const cache = this.entries.get(place) ?? new Map<string, Response>()
    this.entries.set(place, cache)
    const made: Pick<Cache, 'keys' | 'match' | 'delete'> = {
      keys: async () => [...cache.keys()].map((url) => new Request(url)),
      match: async (request) => cache.get((request as Request).url),
      delete: async (url) => cache.delete(url as string),
    }
    return Promise.resolve(made as Cache)
  }
}
