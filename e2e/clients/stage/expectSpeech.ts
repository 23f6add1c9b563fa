import { expect } from '@playwright/test'
import type { HeardSpeech } from '../pages/findSpeech.ts'

/** What Silero v6 hears in the made-up clip: a second of speech, and silence around it. */
export function expectSpeech(heard: HeardSpeech): void {
  expect(heard).toMatchObject({ windows: 93, speech: 31 })
  expect(heard.highest).toBeCloseTo(0.9992, 3)
  expect(heard.highestSilence).toBeLessThan(0.02)
}
