import * as v from 'valibot'
import { createAuth } from '../../../src/auth/auth.ts'
import { parseHostList } from '../../../src/auth/site.ts'
import { FerryError } from '../../../src/core/errors.ts'
import { isPublicSuffix } from '../../../src/gateway/auth-from-config.ts'

const schema = v.strictObject({
  id: v.string(),
  allowedHosts: v.string(),
  expect: v.union([
    v.strictObject({ hosts: v.array(v.string()) }),
    v.strictObject({ error: v.string() }),
  ]),
})

/** Parses one list of hosts, alone and through the options, and throws unless both results are as expected. */
export function checkHostList(entry: unknown): void {
  const { allowedHosts, expect } = v.parse(schema, entry)
  const start = (): unknown => createAuth({ allowedHosts, isPublicSuffix })
  const parse = (): string[] => parseHostList(allowedHosts, isPublicSuffix)
  if ('error' in expect) return [start, parse].forEach((read) => checkRefusal(read, expect.error))
  start()
  const [seen, wanted] = [JSON.stringify(parse()), JSON.stringify(expect.hosts)]
  if (seen !== wanted) throw new Error(`the list is ${seen}, expected ${wanted}`)
}

function checkRefusal(read: () => unknown, entry: string): void {
  let hosts: unknown
  try {
    hosts = read()
  } catch (error) {
    if (!(error instanceof FerryError) || error.code !== 'configuration') throw error
    if (error.message.includes(entry)) return
    throw new Error(`the error does not name ${entry}: ${error.message}`, { cause: error })
  }
  throw new Error(`no error, though ${entry} is wrong: ${JSON.stringify(hosts)}`)
}
