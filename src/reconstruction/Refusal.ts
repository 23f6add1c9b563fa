export type { Refusal } from '../protocol/Refusal.ts'
