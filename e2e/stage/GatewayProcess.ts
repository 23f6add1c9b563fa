import type { ChildProcess } from 'node:child_process'

/** `modelferry serve --config` as a process of its own. */
export interface GatewayProcess {
  readonly child: ChildProcess
  /** Origin of the gateway, and of the hub behind it. */
  readonly url: string
  /** Origin of presigned storage. */
  readonly storageUrl: string
  /** Lines of the log so far, parsed. */
  readonly log: Readonly<Record<string, unknown>>[]
  /** All that it printed so far, as text. */
  printed(): string
  /** Writes the configuration anew and has it read. @returns what the process says about it */
  reconfigure(config: unknown): Promise<string>
  close(): Promise<void>
}
