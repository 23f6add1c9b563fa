/** Seconds between two marks, from short clips to long ones. */
const STEPS = [0.5, 1, 2, 5, 10, 30]
/** Width of a mark's label, in CSS pixels. */
const ROOM = 44

/** Positions of marks on a time axis, in seconds: round numbers, as many as fit. */
export function timeTicks(seconds: number, width: number): number[] {
  const step = STEPS.find((one) => (one / seconds) * width >= ROOM) ?? seconds
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => index * step)
}
