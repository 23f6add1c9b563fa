import { expect, it } from 'vitest'
import { explainMicrophone } from './explainMicrophone.ts'

it.each([
  [new DOMException('', 'NotAllowedError'), /not allowed.*allow it in the settings/],
  [new DOMException('', 'NotFoundError'), /connect one, or open a file/],
  [new DOMException('', 'NotReadableError'), /another program/i],
  [new Error('odd'), /cannot be had \(odd\): open a file/],
  ['odd', /cannot be had \(odd\): open a file/],
])('says what to do about %s', (error, words) => expect(explainMicrophone(error)).toMatch(words))
