import * as v from 'valibot'
import type { ConfigLayer } from './ConfigLayer.ts'
import { describeIssues } from './describeIssues.ts'
import { formatPath } from './formatPath.ts'
import { gatewaySchema } from './gatewaySchema.ts'

/**
 * Says what is wrong with one layer alone: also in entries that a stronger layer hides, so that no mistake waits for
 * the day on which it is uncovered. What is missing may still come from another layer; items of lists are whole.
 */
export function checkLayer({ name, value }: ConfigLayer): string[] {
  if (value === undefined) return []
  const issues = v.safeParse(gatewaySchema, value, { abortPipeEarly: true }).issues ?? []
  const own = issues.filter(
    ({ type, received, path }) =>
      !(type === 'strict_object' && received === 'undefined') ||
      path?.some(({ key }) => typeof key === 'number'),
  )
  return describeIssues(own).map(({ path, why }) =>
    path.length === 0 ? `${name}: ${why}` : `${formatPath(path)} in ${name}: ${why}`,
  )
}
