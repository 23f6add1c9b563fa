import type { LogLine } from './LogLine.ts'

/** What a line is made of; the log adds the time and hashes the network. */
export interface LogFields extends Omit<LogLine, 'ts' | 'netHash' | 'service'> {
  /** Default: the service of the log. */
  readonly service?: string
  /** As the decision has it. It is never written, only its salted hash is. */
  readonly network: string
}
