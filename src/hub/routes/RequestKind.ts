import type { Route } from './Route.ts'

/** Kinds of requests, as logs and faults call them. */
export type RequestKind = Route['kind']
