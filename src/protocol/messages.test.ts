import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { optionsPingPath, pingPath } from './messages.ts'

test('the path of a ping depends on the options of a service worker, and is below its scope', () => {
  const options = fc.webQueryParameters()
  fc.assert(
    fc.property(options, options, (one, other) => {
      const path = optionsPingPath(`https://app.example/sw.js?${one}`)
      expect(path).toMatch(new RegExp(`^${pingPath}/[0-9a-z]+$`))
      // Where the script lies does not matter: the scope already says that.
      expect(optionsPingPath(`http://localhost:1/a/b.js?${one}`)).toBe(path)
      const search = (text: string): string => new URL(`https://a/?${text}`).search
      const differs = optionsPingPath(`https://app.example/sw.js?${other}`) !== path
      expect(differs).toBe(search(one) !== search(other))
    }),
  )
})
