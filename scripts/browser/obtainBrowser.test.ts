import { expect, test } from 'vitest'

import { chromium } from './chromium.ts'
import { obtainBrowser } from './obtainBrowser.ts'
import type { BrowserSource } from './obtainBrowser.ts'

/** A machine on which sources succeed, fail, or install a browser that does not start. */
function machine(outcomes: Record<string, 'works' | 'fails' | 'broken' | 'impossible'>) {
  const tried: string[] = []
  let file: string | undefined
  const sources = Object.entries(outcomes).map(([name, outcome]): BrowserSource => ({
    name,
    possible: () => outcome !== 'impossible',
    install: async () => {
      tried.push(name)
      if (outcome === 'fails') throw new Error('refused\nmore of it')
      if (outcome === 'works') file = `/${name}`
    },
  }))
  return {
    tried,
    obtain: () =>
      obtainBrowser(
        chromium,
        () => file,
        sources,
        () => {},
      ),
  }
}

test('an installed browser is used, and nothing is installed', async () => {
  const never: BrowserSource = {
    name: 'never',
    possible: () => expect.unreachable(),
    install: () => expect.unreachable(),
  }
  expect(await obtainBrowser(chromium, () => '/there', [never])).toBe('/there')
})

test('no source is tried after the first one that works', async () => {
  const { tried, obtain } = machine({ a: 'impossible', b: 'fails', c: 'works', d: 'works' })
  expect(await obtain()).toBe('/c')
  expect(tried).toEqual(['b', 'c'])
})

test('when all sources fail, the message says what was tried and what to do', async () => {
  const { obtain } = machine({ a: 'fails', b: 'broken', c: 'impossible' })
  await expect(obtain()).rejects.toThrow(
    [
      'The tests need Chromium or Chrome, and none was found.',
      '- tried a: refused',
      '- tried b: done, but what it installed does not start',
      'Install Chromium or Chrome, or set CHROMIUM_PATH to one, and run this again.',
    ].join('\n'),
  )
})
