import type { connect, Ferry, Prefetch } from 'modelferry'
import type { ConnectionEvent } from './ConnectionEvent.ts'

/** The globals of the stage's page. */
export interface StageWindow {
  /** The script tag's global. */
  modelferry: { connect: typeof connect }
  ferry: Ferry
  /** Events of the connection except progress, oldest first. */
  events: ConnectionEvent[]
  /** Progress of each content, from its last event. */
  held: Record<string, number>
  /** Number of requests for another token. */
  renewals: number
  /** The running prefetch. */
  load: Prefetch
}
