import { expect } from '@playwright/test'
import { sha256 } from '../../stage/sha256.ts'
import type { Stage } from '../../stage/Stage.ts'
import type { StageFile } from '../../stage/StageFile.ts'

/**
 * Checks that a file is answered from the device: whole, by page and by connection, and in part.
 *
 * @param bytes of the file, more than a megabyte
 * @param round label for the failure message
 */
export async function expectHeld(
  stage: Stage,
  file: StageFile,
  bytes: Uint8Array,
  round: string,
): Promise<void> {
  for (const by of ['page', 'ferry'] as const) {
    const whole = await stage.fetch(file, { by })
    expect(whole, round).toMatchObject({ status: 200, sha256: file.sha256 })
    expect(whole.headers['x-modelferry']).toBe('hit')
  }
  const range = 'bytes=1000000-1000999'
  const part = await stage.fetch(file, { init: { headers: { range } } })
  const expected = sha256(bytes.subarray(1_000_000, 1_001_000))
  expect(part, round).toMatchObject({ status: 206, sha256: expected })
}
