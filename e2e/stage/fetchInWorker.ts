/** What a page's own worker is to do, and which one. */
export interface WorkerFetch {
  /** Workers of a name are started once. */
  readonly name: string
  /** JavaScript of the worker (see `fetcherScript`), or the address of a file with it. */
  readonly script: { readonly blob: string } | { readonly file: string }
  readonly url: string
}

/** What such a worker got. */
export interface WorkerAnswer {
  readonly status: number
  /** How modelferry labelled the answer; null: it is not modelferry's. */
  readonly label: string | null
  readonly sha256: string
}

/** Runs in the page: has a worker fetch. Sent there as text, so it uses nothing from outside. */
export async function fetchInWorker({ name, script, url }: WorkerFetch): Promise<WorkerAnswer> {
  const page = window as unknown as { workers?: Map<string, Worker> }
  const workers = (page.workers ??= new Map())
  const start = (): Worker =>
    new Worker(
      'file' in script
        ? script.file
        : URL.createObjectURL(new Blob([script.blob], { type: 'text/javascript' })),
    )
  const worker = workers.get(name) ?? start()
  workers.set(name, worker)
  return await new Promise((resolve, reject) => {
    worker.addEventListener('message', ({ data }) => resolve(data as WorkerAnswer), { once: true })
    worker.addEventListener('error', ({ message }) => reject(new Error(message)), { once: true })
    worker.postMessage({ url })
  })
}
