import { describe, expect, test } from 'vitest'
import { isIgnored, parseGitignore } from './gitignore.ts'
import { pacer } from './pacing.ts'

async function ignored(text: string, path: string): Promise<boolean> {
  return isIgnored(parseGitignore(text), path, pacer())
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

  test('that would make a regular expression backtrack endlessly is matched at once', async () => {
    const begun = performance.now()
    expect(await ignored('*a'.repeat(400) + 'b', 'a'.repeat(1000))).toBe(false)
    expect(await ignored('**/a/'.repeat(200) + 'b', 'a/'.repeat(500) + 'c')).toBe(false)
    expect(performance.now() - begun).toBeLessThan(5000)
  })

  test('is refused when it is too long', () => {
    expect(() => parseGitignore('a\n'.repeat(5001))).toThrow('5000 lines')
    expect(() => parseGitignore('a'.repeat(1025))).toThrow('1024 characters')
  })
})
