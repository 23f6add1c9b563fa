import type { FerryEvent } from 'modelferry'

/** An event of a connection, as data. */
export type FerryNews = Exclude<FerryEvent, { name: 'progress' }>
