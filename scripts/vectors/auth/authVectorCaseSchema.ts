import * as v from 'valibot'
import type { AuthVectorCase } from './AuthVectorCase.ts'
import { authVectorConfigSchema } from './authVectorConfigSchema.ts'
import { decisionMembers } from './decisionMembers.ts'

const value = v.nullable(v.union([v.string(), v.number(), v.boolean()]))
const expected = v.strictObject(
  Object.fromEntries(decisionMembers.map((name) => [name, v.optional(value)])),
)

/** Checks a case of a vector file; unknown members are errors. */
export const authVectorCaseSchema: v.GenericSchema<unknown, AuthVectorCase> = v.strictObject({
  id: v.string(),
  request: v.strictObject({
    method: v.string(),
    url: v.string(),
    headers: v.array(v.tuple([v.string(), v.string()])),
    body: v.optional(v.string()),
    peer: v.nullable(v.string()),
  }),
  options: v.optional(authVectorConfigSchema),
  expect: v.pipe(
    expected,
    v.check((members) => Object.keys(members).length > 0, 'expect lists nothing'),
  ),
})
