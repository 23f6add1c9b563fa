import type { Clients } from './clients.ts'
import type { ClientName } from './ClientName.ts'

/** What a client gives. */
export type ClientAnswer<Name extends ClientName> = Awaited<
  ReturnType<Awaited<ReturnType<Clients[Name]>>>
>
