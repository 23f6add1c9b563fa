import type { HubCaller } from './HubCaller.ts'
import type { Faults } from './faults/Faults.ts'
import type { HubSettings } from './HubSettings.ts'
import type { HubLog } from './log/HubLog.ts'

/** A hub over a folder: Hub and CAS protocol, and presigned storage. */
export interface Hub {
  /**
   * Answers a request; never rejects. A request belongs to storage when its origin is `storageUrl`; without a
   * `storageUrl`, by its path.
   *
   * @param caller who asks, where something in front has found out; default: what the request's token says
   */
  fetch(request: Request, caller?: HubCaller): Promise<Response>
  /**
   * What a caller's front gave to carry, sealed in the CAS token that a call of the CAS brings.
   *
   * @returns undefined for other requests, without a valid CAS token, and for one that carries nothing
   */
  carried(request: Request): string | undefined
  /** What holds now; change it with {@link configure}. */
  readonly settings: Readonly<HubSettings>
  /**
   * Changes settings from the next request on.
   *
   * @throws FerryError `configuration`, naming the field; nothing is changed then
   */
  configure(change: Partial<HubSettings>): void
  /** Repositories whose files need a right: `owner/name`, `datasets/owner/name`. Add and delete at any time. */
  readonly gated: Set<string>
  /** Repositories that do not exist without one. */
  readonly private: Set<string>
  /** Refuses everything that was signed so far, however long it was good for. */
  expireUrls(): Promise<void>
  readonly faults: Faults
  readonly log: HubLog
  /** Ends stalls and delays, and refuses further requests. */
  close(): void
}
