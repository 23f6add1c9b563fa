/** Folders remembered at most; the service worker may forget all of them at any time. */
const most = 100

/**
 * Weights in `.bin` files of the app itself. The name says too little, so that one counts only beside a
 * description of a model that was asked for before.
 */
export class Shards {
  readonly #origin: string
  readonly #folders = new Set<string>()

  constructor(origin: string) {
    this.#origin = origin
  }

  /** Whether an address is such a file. To be asked about all addresses, since it learns from them. */
  isShard(url: string): boolean {
    const path = url.split(/[?#]/, 1)[0] ?? ''
    if (!path.startsWith(`${this.#origin}/`)) return false
    const cut = path.lastIndexOf('/') + 1
    const [folder, name] = [path.slice(0, cut), path.slice(cut)]
    if (name === 'model.json' || name === 'tensor-cache.json') {
      if (this.#folders.size >= most) this.#folders.clear()
      this.#folders.add(folder)
    }
    return name.endsWith('.bin') && this.#folders.has(folder)
  }
}
