import { answerCache } from '../core/answerCache.ts'
import type { AnswerKind } from '../core/answerCache.ts'

const kinds: readonly AnswerKind[] = ['notes', 'runtimes']

/** What the service worker of this app keeps beside model files. Where the browser lets nobody look, nothing. */
export class KeptAnswers {
  readonly #scope: string

  /** @param scope the app's */
  constructor(scope: string) {
    this.#scope = scope
  }

  /** @returns bytes, as far as the answers tell their length */
  async size(kind: AnswerKind): Promise<number> {
    const lengths = await this.#in(kind, async (cache) =>
      (await cache.matchAll()).map(({ headers }) => Number(headers.get('content-length'))),
    )
    return lengths?.reduce((sum, length) => sum + length, 0) ?? 0
  }

  /** @returns whether there was an answer of this URL */
  async remove(url: string): Promise<boolean> {
    const gone = kinds.map((kind) => this.#in(kind, (cache) => cache.delete(url)))
    return (await Promise.all(gone)).includes(true)
  }

  async clear(): Promise<void> {
    await Promise.all(
      kinds.map((kind) => caches.delete(answerCache(kind, this.#scope)).catch(() => false)),
    )
  }

  async #in<T>(kind: AnswerKind, work: (cache: Cache) => Promise<T>): Promise<T | undefined> {
    try {
      const name = answerCache(kind, this.#scope)
      // To open one that is not there would make it.
      return (await caches.has(name)) ? await work(await caches.open(name)) : undefined
    } catch {
      return undefined
    }
  }
}
