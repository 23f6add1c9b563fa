import type { Client } from './Client.ts'
import type { ClientName } from './ClientName.ts'
import type { ClientTask } from './ClientTask.ts'
import { clients } from './clients.ts'

// A module worker of an app in which a library runs.
addEventListener('message', ({ data }: MessageEvent<[ClientName, ClientTask]>) => {
  const [name, task] = data
  clients[name]()
    .then((run: Client) => run(task))
    .then(
      (answer) => postMessage({ answer }),
      (error: unknown) => postMessage({ failure: String(error) }),
    )
})
