import type { LogFields } from './LogFields.ts'

/** Where decisions, queue steps and finished requests are told. */
export interface Log {
  /** Writes one line. Never throws. */
  line(fields: LogFields): void
}
