import * as v from 'valibot'
import type { VectorTally } from '../VectorTally.ts'
import { authVectorCaseSchema } from './authVectorCaseSchema.ts'
import { authVectorConfigSchema } from './authVectorConfigSchema.ts'
import { checkAuthCase } from './checkAuthCase.ts'
import { checkHostList } from './checkHostList.ts'
import { expandTexts } from './expandTexts.ts'
import { fillTexts } from './fillTexts.ts'

const list = v.array(v.unknown())
const fileSchema = v.strictObject({
  about: v.optional(v.string()),
  config: v.optional(authVectorConfigSchema, {}),
  cases: v.optional(list, []),
  sweeps: v.optional(list, []),
  configCases: v.optional(list, []),
})
const sweepSchema = v.looseObject({ id: v.string(), values: v.array(v.string()) })

/**
 * Checks every case, every value of every sweep and every host list of a vector file with decisions. Runs in Node and
 * in browsers. Never throws: a fault of the file counts as a failure.
 *
 * @param text the file's text
 */
export async function checkAuthVectors(text: string): Promise<VectorTally> {
  const failures: string[] = []
  let passed = 0
  async function attempt(name: string, check: () => void | Promise<void>): Promise<void> {
    try {
      await check()
      passed++
    } catch (error) {
      failures.push(`${name}: ${messageOf(error)}`)
    }
  }
  try {
    const file = v.parse(fileSchema, expandTexts(JSON.parse(text)))
    const check = (entry: unknown): Promise<void> =>
      checkAuthCase(v.parse(authVectorCaseSchema, entry), file.config)
    for (const [index, entry] of file.cases.entries())
      await attempt(nameOf('cases', index, entry), () => check(entry))
    for (const [index, entry] of file.sweeps.entries()) {
      const name = nameOf('sweeps', index, entry)
      const sweep = v.safeParse(sweepSchema, entry)
      if (!sweep.success || sweep.output.values.length === 0)
        failures.push(`${name}: this is not a sweep with values`)
      else {
        const { values, request, ...rest } = sweep.output
        for (const value of values)
          await attempt(`${name} with ${JSON.stringify(value)}`, () =>
            check({ ...rest, request: fillTexts(request, value) }),
          )
      }
    }
    for (const [index, entry] of file.configCases.entries())
      await attempt(nameOf('configCases', index, entry), () => checkHostList(entry))
  } catch (error) {
    failures.push(`the file: ${messageOf(error)}`)
  }
  if (passed === 0 && failures.length === 0) failures.push('there is nothing to check')
  return { passed, failures }
}

function nameOf(list: string, index: number, entry: unknown): string {
  const id: unknown = Object(entry).id
  return `${list}[${index}]${typeof id === 'string' ? ` "${id}"` : ''}`
}

function messageOf(error: unknown): string {
  if (v.isValiError(error))
    return error.issues
      .map((issue) => `${v.getDotPath(issue) ?? ''} ${issue.message}`.trim())
      .join('; ')
  return error instanceof Error ? error.message : String(error)
}
