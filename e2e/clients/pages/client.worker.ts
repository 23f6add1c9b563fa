import type { Client } from './Client.ts'
import type { ClientName } from './ClientName.ts'
import type { ClientWish } from './ClientWish.ts'
import { clients } from './clients.ts'

// A module worker of an app in which a library runs.
addEventListener('message', ({ data }: MessageEvent<[ClientName, ClientWish]>) => {
  const [name, wish] = data
  clients[name]()
    .then((run: Client) => run(wish))
    .then(
      (answer) => postMessage({ answer }),
      (error: unknown) => postMessage({ failure: String(error) }),
    )
})
