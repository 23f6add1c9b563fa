import type { ChildProcess } from 'node:child_process'

/** `modelferry serve --config` as a separate process. */
export interface GatewayProcess {
  readonly child: ChildProcess
  /** Origin of the gateway, and of the hub behind it. */
  readonly url: string
  /** Origin of presigned storage. */
  readonly storageUrl: string
  /** Lines of the log so far, parsed. */
  readonly log: Readonly<Record<string, unknown>>[]
  /** Its whole output so far. */
  printed(): string
  /** Writes another configuration and makes the process read it. @returns the message of the process */
  reconfigure(config: unknown): Promise<string>
  close(): Promise<void>
}
