import type { ClientTask } from './ClientTask.ts'

/** Runs a library on a model and returns its result as data. */
export type Client = (task: ClientTask) => Promise<unknown>
