import type { AddressRange } from './AddressRange.ts'

/** Whose forwarded headers are believed. */
export type TrustedProxies = readonly AddressRange[]
