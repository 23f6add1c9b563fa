import type { clients } from './clients.ts'

export type ClientName = keyof typeof clients
