import { expect } from '@playwright/test'
import { fileBytes } from './fileBytes.ts'
import type { PageFetch } from './fetchInPage.ts'
import { sha256 } from './sha256.ts'
import type { Stage } from './Stage.ts'
import type { StagePage } from './StagePage.ts'

/** A range request and the expected bytes: from `start` to before `end`. */
export interface HeldRange {
  readonly range: string
  readonly start: number
  readonly end: number
  readonly by?: PageFetch['by']
}

/** Expects a range of the file `vad`, which is on the device, as its own server would answer it. */
export async function expectHeldRange(
  stage: Stage<StagePage>,
  { range, start, end, by = 'page' }: HeldRange,
): Promise<void> {
  const { vad } = stage.files
  const bytes = (await fileBytes.vad()).subarray(start, end)
  const part = await stage.fetch(vad, { by, init: { headers: { range } } })
  expect(part, range).toMatchObject({ status: 206, size: end - start })
  expect(part.sha256, range).toBe(sha256(bytes))
  expect(part.headers, range).toMatchObject({
    'x-modelferry': 'hit',
    'content-range': `bytes ${start}-${end - 1}/${vad.size}`,
    'content-length': String(end - start),
  })
}
