import { expect } from '@playwright/test'
import type { HeardSpeech } from '../pages/findSpeech.ts'

/** Expects the result of Silero v6 for the synthetic clip: a second of speech, with silence before and after. */
export function expectSpeech(heard: HeardSpeech): void {
  expect(heard).toMatchObject({ windows: 93, speech: 31 })
  expect(heard.highest).toBeCloseTo(0.9992, 3)
  expect(heard.highestSilence).toBeLessThan(0.02)
}
