import { expect, test } from 'vitest'

import { runSteps } from './runSteps.ts'
import type { Step } from './Step.ts'
import { summary } from './summary.ts'

const check: Step = { name: 'check', run: async () => {} }
const tests: Step = {
  name: 'tests',
  run: async () => {},
  tally: () => ({ passed: 41, failed: 0 }),
}

function failing(tally?: { passed: number; failed: number }): Step {
  return { name: 'bad', run: () => Promise.reject(new Error('broken')), tally: () => tally }
}

async function lastLine(steps: Step[]): Promise<string | undefined> {
  const results = await runSteps(steps, () => {})
  return summary(
    results,
    steps.map((step) => step.name),
  )
    .split('\n')
    .at(-1)
}

test('a check counts as one test, a step with a report counts as its tests', async () => {
  expect(await lastLine([check, tests])).toBe('42 passed, 0 failed')
})

test('a step that fails ends the run and its message is shown', async () => {
  const lines: string[] = []
  const results = await runSteps([check, failing(), tests], (line) => lines.push(line))
  expect(results.map((result) => result.name)).toEqual(['check', 'bad'])
  expect(lines).toContain('broken')
  expect(summary(results, ['check', 'bad', 'tests'])).toContain('tests  not run')
})

test.each([
  [undefined, '1 passed, 1 failed'],
  [{ passed: 3, failed: 2 }, '4 passed, 2 failed'],
  // It crashed before or after its tests, so none of its tests failed.
  [{ passed: 3, failed: 0 }, '4 passed, 1 failed'],
])('a failed step with the report %o always counts as a failure', async (tally, line) => {
  expect(await lastLine([check, failing(tally)])).toBe(line)
})

test('a step that does not gate fails alone, and the run continues', async () => {
  const reported: Step = { ...failing({ passed: 3, failed: 2 }), gates: false }
  const results = await runSteps([check, reported, tests], () => {})
  const lines = summary(results, ['check', 'bad', 'tests']).split('\n')
  expect(lines).toContainEqual(
    expect.stringMatching(/✗ bad .*3 passed, 2 failed \(reported only\)/),
  )
  expect(lines.at(-1)).toBe('45 passed, 0 failed')
})

test('a report with failed tests fails the step, with any exit code', async () => {
  const liar: Step = { ...check, tally: () => ({ passed: 3, failed: 1 }) }
  expect(await lastLine([liar, tests])).toBe('3 passed, 1 failed')
})

test('the steps of a group run at the same time, and a failure among them ends the run', async () => {
  let running = 0
  let most = 0
  const slow = (name: string): Step => ({
    name,
    run: async () => {
      most = Math.max(most, ++running)
      await new Promise((later) => setTimeout(later, 5))
      running -= 1
    },
  })
  const results = await runSteps([[slow('a'), failing(), slow('b')], tests], () => {})
  expect(most).toBe(2)
  expect(results.map(({ name }) => name).toSorted()).toEqual(['a', 'b', 'bad'])
})
