import type { ClientWish } from './ClientWish.ts'

/** Runs a library on a model and gives what came of it, as data. */
export type Client = (wish: ClientWish) => Promise<unknown>
