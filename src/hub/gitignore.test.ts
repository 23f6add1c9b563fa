import { describe, expect, test } from 'vitest'
import { readGitignore } from './gitignore.ts'
import { startTestHub } from './testing/startTestHub.ts'

async function ignored(text: string, path: string): Promise<boolean> {
  return (await readGitignore(text))(path)
}

describe('a .gitignore', () => {
  test.each([
    ['*.log', ['a.log', 'x/y/a.log'], ['a.log.txt', 'log']],
    ['/a.txt', ['a.txt'], ['x/a.txt']],
    ['x/a.txt', ['x/a.txt'], ['y/x/a.txt']],
    ['build/', ['build/a', 'x/build/b/c'], ['build', 'x/build']],
    ['build', ['build', 'build/a', 'x/build/b'], ['builds', 'x/abuild']],
    ['**/tmp', ['tmp', 'a/b/tmp/c'], ['atmp']],
    ['a/**', ['a/b', 'a/b/c'], ['a', 'x/a/b']],
    ['a/**/b', ['a/b', 'a/x/y/b', 'a/b/c'], ['a/xb', 'x/a/b']],
    ['a?c*e', ['abcde', 'aXce', 'x/abce/f'], ['ace', 'a/cde']],
    ['*.[oa]', ['x.o', 'x.a'], ['x.b', 'x.[']],
    ['[!a-c]x', ['dx'], ['ax', 'cx']],
    ['[a', ['[a'], ['a']],
    [String.raw`\#a`, ['#a'], ['a']],
    [String.raw`\!a`, ['!a'], ['a']],
    [String.raw`a\*`, ['a*'], ['ab']],
    ['# a comment\n\n   \na   ', ['a'], ['# a comment', 'b']],
    [String.raw`a\ `, ['a '], ['a']],
    ['*.txt\n!keep.txt', ['a.txt'], ['keep.txt', 'x/keep.txt']],
    ['x/\n!x/keep.txt', ['x/keep.txt'], ['y/keep.txt']],
    ['x/*\n!x/keep.txt', ['x/a.txt'], ['x/keep.txt']],
    ['.env\r\n*.pem\r\n', ['.env', 'x/key.pem'], ['env']],
    ['ä?.txt', ['ä😀.txt'], ['ä.txt']],
    ['😀[😀]', ['😀😀'], ['😀']],
  ])('with %j excludes %j and not %j', async (text, yes, no) => {
    for (const path of yes) expect([path, await ignored(text, path)]).toEqual([path, true])
    for (const path of no) expect([path, await ignored(text, path)]).toEqual([path, false])
  })

  test('that would make a regular expression backtrack endlessly needs little work', async () => {
    const most = 400_000
    for (const [pattern, path] of [
      ['*a'.repeat(16) + 'b', 'a'.repeat(1000)],
      ['*' + 'a'.repeat(100) + 'b', 'a'.repeat(1000)],
      ['**/a/'.repeat(8) + 'b', 'a/'.repeat(30) + 'c'],
      ['**/' + '*a/'.repeat(14) + 'zz', 'aa/'.repeat(30) + 'c'],
    ] as const) {
      expect(await (await readGitignore(pattern, { most }))(path)).toBe(false)
    }
  })

  test('with many spaces within its lines is read at once', async () => {
    const spaces = ' '.repeat(200_000)
    await expect(readGitignore(`${spaces}x`)).rejects.toThrow('256 characters')
    expect(await ignored(`a.txt${spaces}`, 'a.txt')).toBe(true)
  })

  test.each([
    ['a\n'.repeat(1001), '1000 patterns'],
    ['a'.repeat(257), '256 characters'],
    ['*a'.repeat(17), '16 stars'],
    ['#\n'.repeat(131_073), '262144 characters'],
  ])('beyond a limit is refused: %#', async (text, message) => {
    await expect(readGitignore(text)).rejects.toMatchObject({ status: 400 })
    await expect(readGitignore(text)).rejects.toThrow(message)
  })

  test('may have many comments', async () => {
    expect(await ignored('# a comment\n\n'.repeat(5000) + 'a', 'a')).toBe(true)
  })

  const costly = Array.from({ length: 1000 }, () => '*' + 'a'.repeat(200) + 'b').join('\n')

  test('that needs too much work for its files is refused', async () => {
    const isIgnored = await readGitignore(costly, { most: 1_000_000 })
    await expect(isIgnored('a'.repeat(1000))).rejects.toMatchObject({ status: 400 })
  })

  test('lets other requests run, and ends when its own is aborted', async () => {
    const aborting = new AbortController()
    const isIgnored = await readGitignore(costly, { signal: aborting.signal })
    const matching = isIgnored('a'.repeat(1000))
    setImmediate(() => aborting.abort(new Error('gone')))
    await expect(matching).rejects.toThrow('gone')
  })

  test('matches the folder of many files once', async () => {
    const isIgnored = await readGitignore('*'.repeat(16) + 'b/', { most: 300_000 })
    const folder = 'a'.repeat(1000)
    for (let at = 0; at < 100; at++) expect(await isIgnored(`${folder}/${at}`)).toBe(false)
  })

  test('beyond a limit gets 400 before an upload, sent by the client or from the branch', async () => {
    const hub = await startTestHub()
    const path = '/api/models/me/vad/preupload/main'
    const files = [{ path: 'a', size: 1 }]
    const gitIgnore = 'a'.repeat(257)
    expect(await hub.call('POST', path, { files, gitIgnore })).toMatchObject({ status: 400 })
    await hub.put({ '.gitignore': '#'.repeat(300_000) })
    expect(await hub.call('POST', path, { files })).toMatchObject({ status: 400 })
  })
})
