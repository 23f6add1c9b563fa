import { expect, test } from 'vitest'

import { runProgram } from './runProgram.ts'

function node(script: string, options: { limitMs?: number; env?: Record<string, string> } = {}) {
  return runProgram(process.execPath, ['-e', script], { show: false, ...options })
}

test('returns the output of the program, and passes the environment', async () => {
  expect(await node('console.log(process.env.WORD)', { env: { WORD: 'ferry' } })).toBe('ferry\n')
})

test('an exit code other than 0 is an error that contains the output', async () => {
  const end = node('console.log("out"); console.error("err"); process.exit(3)')
  await expect(end).rejects.toThrow(/ended with 3\nout\nerr$/)
})

test('the program is ended at its timeout', async () => {
  await expect(node('setInterval(() => {}, 1000)', { limitMs: 300 })).rejects.toThrow(
    'was ended by SIGTERM, limit 0.3 s',
  )
})

test('a missing program is an error', async () => {
  await expect(runProgram('no-such-program', [])).rejects.toThrow('ENOENT')
})
