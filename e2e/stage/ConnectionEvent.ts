import type { FerryEvent } from 'modelferry'

/** An event of a connection, as data. */
export type ConnectionEvent = Exclude<FerryEvent, { name: 'progress' }>
