import type { LogEntry } from './LogEntry.ts'

/** Enters an answer into the log, and counts its body on the way out. */
export type LogFollower = (entry: Omit<LogEntry, 'bytes' | 'done'>, response: Response) => Response
