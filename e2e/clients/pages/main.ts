import type { ClientName } from './ClientName.ts'
import type { ClientTask } from './ClientTask.ts'
import { clients } from './clients.ts'

/** Runs a client in the page or in its own module worker. */
async function runClient(
  name: ClientName,
  realm: 'page' | 'worker',
  task: ClientTask,
): Promise<unknown> {
  if (realm === 'page') {
    const run = await clients[name]()
    return await run(task)
  }
  const worker = new Worker('/clients/worker.js', { type: 'module' })
  try {
    return await new Promise((resolve, reject) => {
      worker.addEventListener('message', ({ data }: MessageEvent<WorkerSays>) => {
        if ('failure' in data) reject(new Error(data.failure))
        else resolve(data.answer)
      })
      worker.addEventListener('error', ({ message }) => reject(new Error(message)))
      worker.postMessage([name, task])
    })
  } finally {
    worker.terminate()
  }
}

type WorkerSays = { readonly answer: unknown } | { readonly failure: string }

Object.assign(globalThis, { runClient })
