import * as v from 'valibot'
import { describeSeen } from './describeSeen.ts'

/** An entry that cannot be used. */
export interface ConfigFault {
  readonly path: readonly (string | number)[]
  /** `expected …, got …` */
  readonly why: string
}

/** Where a section or a list should be, whatever text is there instead may be a secret in the wrong place. */
const sections = new Set(['custom', 'array', 'union', 'strict_object'])

/**
 * Says what is wrong with a value, in words that hold no secret.
 *
 * @param issues of a schema's verdict
 */
export function describeIssues(issues: readonly v.BaseIssue<unknown>[]): ConfigFault[] {
  return issues.map((issue) => {
    const path = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)))
    const named = issue.type === 'strict_object'
    const seen = describeSeen(issue.input, path, !sections.has(issue.type))
    return { path, why: named ? issue.message : `${issue.message}, got ${seen}` }
  })
}
