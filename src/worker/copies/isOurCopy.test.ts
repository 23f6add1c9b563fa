import { expect, test } from 'vitest'
import type { HeldFile } from '../../protocol/files.ts'
import { isOurCopy } from '../library-copies.ts'
import { heldModel as file } from './testing/heldModel.ts'

const { etag: _, ...untagged } = file
const { verified: __, ...unproven } = file
const answer = { 'x-modelferry': 'hit', etag: '"a"', 'content-length': '9' }

test.each<[string, boolean, Record<string, string>, HeldFile]>([
  ['an answer from the device', true, answer, file],
  ['an answer that was on its way', true, { ...answer, 'x-modelferry': 'stream' }, file],
  ['of a file proven by SHA-256', true, answer, { ...file, verified: 'sha256' }],
  ['of a file whose length alone is known', false, answer, { ...file, verified: 'length' }],
  ['of a file not proven', false, answer, unproven],
  ['of a file on its way', false, answer, { ...file, complete: false }],
  ['of another revision', false, { ...answer, etag: '"b"' }, file],
  ['of another length', false, { ...answer, 'content-length': '8' }, file],
  ['of unknown length', false, { 'x-modelferry': 'hit', etag: '"a"' }, file],
  ['without a tag on either side', false, { ...answer, etag: '' }, untagged],
  ['not of ours', false, { etag: '"a"', 'content-length': '9' }, file],
  ['that we passed on', false, { ...answer, 'x-modelferry': 'unkept' }, file],
  ['of a probe', false, { ...answer, 'x-modelferry': 'unproven' }, file],
])('a kept answer %s: %s', (_name, ours, headers, held) => {
  expect(isOurCopy(new Headers(headers), held)).toBe(ours)
})
