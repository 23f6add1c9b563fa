/** Seconds from one mark to the next, for short clips to long ones. */
const STEPS = [0.5, 1, 2, 5, 10, 30]
/** Room that a mark's figure takes, in CSS pixels. */
const ROOM = 44

/** Where to mark an axis of time, in seconds: round figures, as many as there is room for. */
export function timeTicks(seconds: number, width: number): number[] {
  const step = STEPS.find((one) => (one / seconds) * width >= ROOM) ?? seconds
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => index * step)
}
