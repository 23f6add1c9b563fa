import type { Clients } from './clients.ts'
import type { ClientName } from './ClientName.ts'

/** The result of a client. */
export type ClientAnswer<Name extends ClientName> = Awaited<
  ReturnType<Awaited<ReturnType<Clients[Name]>>>
>
