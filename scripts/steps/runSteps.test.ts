import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

import { reportTally } from './reportTally.ts'
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
    1,
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
  expect(summary(results, ['check', 'bad', 'tests'], 1)).toContain('tests  not run')
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
  const lines = summary(results, ['check', 'bad', 'tests'], 1).split('\n')
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

test('the summary shows the time of the whole run and the slowest test files', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'modelferry-steps-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const unit = path.join(folder, 'unit.json')
  const testResults = [
    { name: path.resolve('src/a.test.ts'), startTime: 1000, endTime: 1500 },
    { name: path.resolve('src/b.test.ts'), startTime: 1000, endTime: 4000 },
  ]
  await writeFile(unit, JSON.stringify({ numPassedTests: 2, numFailedTests: 0, testResults }))
  const e2e = path.join(folder, 'e2e.json')
  const spec = (file: string, ...times: number[]): object => ({
    file,
    tests: times.map((duration) => ({ results: [{ duration }] })),
  })
  const suites = [
    { specs: [spec('c.spec.ts', 4000)], suites: [{ specs: [spec('c.spec.ts', 1000, 2000)] }] },
    { specs: [spec('d.spec.ts', 6000)] },
  ]
  const stats = { expected: 3, unexpected: 0, flaky: 1 }
  await writeFile(e2e, JSON.stringify({ stats, suites }))
  const steps = [unit, e2e].map((file) => ({
    ...check,
    name: file,
    tally: () => reportTally(file),
  }))
  const results = await runSteps(steps, () => {})
  const lines = summary(results, [unit, e2e], 12.34).split('\n')
  expect(lines.find((line) => line.startsWith('  total'))).toMatch(/ 12\.3 s$/)
  expect(lines.slice(lines.indexOf('Slowest test files:') + 1, -2)).toEqual([
    `     3.0 s  ${unit}: ${path.normalize('src/b.test.ts')}`,
    `     0.5 s  ${unit}: ${path.normalize('src/a.test.ts')}`,
    `     7.0 s  ${e2e}: c.spec.ts`,
    `     6.0 s  ${e2e}: d.spec.ts`,
  ])
  expect(lines.at(-1)).toBe('5 passed, 1 failed')
})
