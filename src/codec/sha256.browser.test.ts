import { expect, it } from 'vitest'
import { createSha256 } from './sha256.ts'

const refused = (): Promise<never> => Promise.reject(new WebAssembly.CompileError('refused'))

it.each([0, 1, 64, 65_500])('equals Web Crypto on %i bytes', async (length) => {
  const bytes = crypto.getRandomValues(new Uint8Array(length))
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
  // Its constants are computed, so every engine must compute the same words.
  for (const sha of [await createSha256(), await createSha256(refused)]) {
    sha.update(bytes)
    expect(sha.hex()).toBe(hex)
  }
})
