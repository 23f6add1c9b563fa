import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { checkVectors } from './checkVectors.ts'

const text = await readFile(new URL('xet.json', import.meta.url), 'utf8')
const entries = (group: string): Record<string, unknown>[] =>
  (JSON.parse(text) as Record<string, Record<string, unknown>[]>)[group]!
const groupNames = ['hex', 'chunkHashes', 'files', 'chunkRecords', 'badChunkRecords', 'expiry']

describe('the vector file', () => {
  it('passes completely', async () => {
    const tally = await checkVectors(text)
    expect(tally.failures).toEqual([])
    expect(tally.passed).toBe(groupNames.reduce((sum, name) => sum + entries(name).length, 0))
  })
})

describe('checkVectors', () => {
  const other = `1${'0'.repeat(63)}`
  const wrong: [string, Record<string, unknown>][] = [
    ['hex', { ...entries('hex')[0], hex: other }],
    ['chunkHashes', { ...entries('chunkHashes')[1], hash: other }],
    ['files', { ...entries('files')[3], root: other }],
    ['files', { ...entries('files')[3], file: other }],
    ['chunkRecords', { ...entries('chunkRecords')[1], expect: { utf8: 'other' } }],
    ['chunkRecords', { ...entries('chunkRecords')[1], hash: other }],
    ['chunkRecords', { ...entries('chunkRecords')[1], scheme: 2 }],
    ['badChunkRecords', { reason: 'good', record: entries('chunkRecords')[0]!['record'] }],
    ['expiry', { ...entries('expiry')[0], expiresMs: null }],
  ]
  it.each(wrong)('fails a wrong entry of %s', async (group, entry) => {
    const tally = await checkVectors(JSON.stringify({ about: '', [group]: [entry] }))
    expect(tally.passed).toBe(0)
    expect(tally.failures).toEqual([expect.stringContaining(`${group}[0]`)])
  })

  it.each(groupNames)('fails an entry of %s with an unknown form', async (group) => {
    const odd = [{}, null, 'text', { record: { base32: '' } }]
    const tally = await checkVectors(JSON.stringify({ [group]: odd }))
    expect(tally.passed).toBe(0)
    expect(tally.failures).toHaveLength(odd.length)
  })

  it.each([
    ['no JSON', '{', /not JSON/],
    ['no object', '[]', /not a JSON object/],
    ['null', 'null', /not a JSON object/],
    ['an unknown group', '{"about":"", "zebra":[]}', /^zebra: unknown group$/],
    ['a group named like a built-in', '{"constructor":[]}', /^constructor: unknown group$/],
    ['a group that is not a list', '{"hex":{}}', /^hex: this is not a list$/],
    ['no groups', '{"about":""}', /nothing to check/],
  ])('fails %s', async (_, file, message) => {
    const tally = await checkVectors(file)
    expect(tally.passed).toBe(0)
    expect(tally.failures).toEqual([expect.stringMatching(message)])
  })

  it('passes the entry and the file to a check, and continues after a failure', async () => {
    const tally = await checkVectors(
      '{"own":[1,2,3]}',
      new Map([
        [
          'own',
          (entry, file): void => {
            expect(file).toEqual({ own: [1, 2, 3] })
            if (entry === 2) throw new Error('two')
          },
        ],
      ]),
    )
    expect(tally).toEqual({ passed: 2, failures: ['own[1]: two'] })
  })
})
