import type { HeldFile } from './HeldFile.ts'
import type { Progress } from './Progress.ts'

/** What the demo shows of modelferry. */
export interface Ferry {
  onProgress(listener: (progress: Progress) => void): void
  onRenewed(listener: (url: string) => void): void
  onFault(listener: (message: string) => void): void
  /** Files on the device. */
  files(): Promise<HeldFile[]>
  /** Fetches a file before anything on the page asks for it. */
  fetchAhead(url: string): Promise<void>
  /** Takes a file off the device. */
  remove(url: string): Promise<void>
}
