import type { clients } from './clients.ts'
import type { ClientName } from './ClientName.ts'

/** What a client gives. */
export type ClientAnswer<Name extends ClientName> = Awaited<
  ReturnType<Awaited<ReturnType<(typeof clients)[Name]>>>
>
