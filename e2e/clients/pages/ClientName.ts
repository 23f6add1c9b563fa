import type { Clients } from './clients.ts'

export type ClientName = keyof Clients
