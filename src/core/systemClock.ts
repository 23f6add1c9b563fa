import type { Clock } from './Clock.ts'
import { sleep } from './sleep.ts'

/** The device's own clock. */
export const systemClock: Clock = { now: () => Date.now(), sleep }
