import type { Clock } from '../../core/Clock.ts'

/** What a signature takes from outside; tests replace it. */
export interface SignOptions {
  readonly clock?: Pick<Clock, 'now'>
  /** 16 to 64 characters `A-Z a-z 0-9 _ -`, never the same twice. Default: 128 random bits. */
  readonly nonce?: () => string
}
