/** What a worker does for the page, by name: one argument that can be cloned, one answer. */
export type Offer<Work> = Record<keyof Work, (argument: never) => Promise<unknown>>
