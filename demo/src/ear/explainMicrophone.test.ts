import { expect, it } from 'vitest'
import { explainMicrophone } from './explainMicrophone.ts'

it.each([
  [new DOMException('', 'NotAllowedError'), /not allowed.*allow it in the settings/],
  [new DOMException('', 'NotFoundError'), /connect one, or open a file/],
  [new DOMException('', 'NotReadableError'), /another program/i],
  [new Error('odd'), /is not available \(odd\): open a file/],
  ['odd', /is not available \(odd\): open a file/],
])('explains what to do for %s', (error, words) => expect(explainMicrophone(error)).toMatch(words))
