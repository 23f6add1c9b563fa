import type { Revocations } from './Revocations.ts'

/** Revocations that are looked up again and again, until somebody closes it. */
export interface RevocationFeed extends Revocations {
  /** Epoch milliseconds at which the last successful poll began; null before the first. */
  readonly updatedAt: number | null
  /** Polls now, or joins the poll under way. Never rejects: failures go to `onFailure`. */
  refresh(): Promise<void>
  /** Ends polling, also a poll under way. What is known stays known. */
  close(): void
}
