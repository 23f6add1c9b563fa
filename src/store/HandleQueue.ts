interface Job {
  readonly work: (handle: FileSystemSyncAccessHandle) => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/**
 * Shares one file's sync access handle among synchronous jobs: opened when there is something to do, closed
 * when nothing is left. It is never held across a wait for anything else, because readers of other realms
 * fail while it is in use.
 */
export class HandleQueue {
  readonly #open: () => Promise<FileSystemSyncAccessHandle>
  readonly #check: () => Promise<void>
  #jobs: Job[] = []
  #running: Promise<void> | undefined

  /**
   * @param check rejects when this realm may write no more; asked while the handle is held: since a successor
   *   takes the handle once after it has said so in the catalog, no write can slip in behind its back
   */
  constructor(open: () => Promise<FileSystemSyncAccessHandle>, check: () => Promise<void>) {
    this.#open = open
    this.#check = check
  }

  run<T>(work: (handle: FileSystemSyncAccessHandle) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#jobs.push({ work, resolve: resolve as Job['resolve'], reject })
      this.#running ??= this.#drain().finally(() => (this.#running = undefined))
    })
  }

  /** Resolves when nothing is left to do. */
  async idle(): Promise<void> {
    await this.#running
  }

  async #drain(): Promise<void> {
    while (this.#jobs.length > 0) {
      try {
        const handle = await this.#open()
        try {
          await this.#check()
          this.#work(handle)
        } finally {
          handle.close()
        }
      } catch (error) {
        for (const job of this.#jobs.splice(0)) job.reject(error)
      }
    }
  }

  #work(handle: FileSystemSyncAccessHandle): void {
    for (const job of this.#jobs.splice(0)) {
      try {
        job.resolve(job.work(handle))
      } catch (error) {
        job.reject(error)
      }
    }
  }
}
