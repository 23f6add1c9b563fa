/** A request of a page's own worker. */
export interface WorkerFetch {
  /** There is one worker per name. */
  readonly name: string
  /** JavaScript of the worker (see `fetcherScript`), or the URL of a file with it. */
  readonly script: { readonly blob: string } | { readonly file: string }
  readonly url: string
}

/** The result of such a worker. */
export interface WorkerAnswer {
  readonly status: number
  /** modelferry's label of the response; null: not from modelferry. */
  readonly label: string | null
  readonly sha256: string
}

/** Runs in the page: makes a worker fetch. It is sent as text, so it must not use outer variables. */
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
