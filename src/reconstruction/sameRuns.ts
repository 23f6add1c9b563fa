import type { Run } from './Run.ts'

/** Whether two blocks cut the file in the same way, so that what was planned from one holds for the other. */
export function sameRuns(before: readonly Run[], after: readonly Run[]): boolean {
  return (
    before.length === after.length &&
    before.every((run, index) => {
      const other = after[index]
      return (
        other !== undefined &&
        run.xorb === other.xorb &&
        run.offset === other.offset &&
        run.length === other.length &&
        run.chunks.start === other.chunks.start &&
        run.chunks.end === other.chunks.end
      )
    })
  )
}
