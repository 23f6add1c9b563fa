import type { ClientWish } from './ClientWish.ts'

/** Runs a library on a model and returns its result as data. */
export type Client = (wish: ClientWish) => Promise<unknown>
