/** The interface of a worker, by method name: one argument that can be cloned, and one result. */
export type Offer<Work> = Record<keyof Work, (argument: never) => Promise<unknown>>
