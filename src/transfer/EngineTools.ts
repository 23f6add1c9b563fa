import type { Fetch } from '../net/Fetch.ts'
import type { Channel } from '../protocol/Channel.ts'
import type { Asker } from './Asker.ts'
import type { TransferTools } from './TransferTools.ts'

/** What the engine needs beside what transfers need. */
export interface EngineTools extends TransferTools {
  readonly channel: Channel
  /**
   * Authorization for a file's own origin, from configuration; undefined: none. With one that was refused,
   * the one to use instead.
   */
  readonly authorize: (url: string, refused?: string) => Promise<string | undefined>
  /** Who asks for a URL, where the request brings no credential of its own. */
  readonly asker: (url: string) => Promise<Asker>
  /**
   * For file infos, in place of `net.fetch`: leaves a 401 as it is. What is learned is kept under the token it
   * was learned with, so it is the engine that has to know of another one.
   */
  readonly bareFetch: Fetch
}
