/** Whether a status may go away by itself: 408, 429 and 5xx, but not 501, which says "never". */
export function isTransient(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status <= 599 && status !== 501)
}
