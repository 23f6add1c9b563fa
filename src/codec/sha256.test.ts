import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createSha256 } from './sha256.ts'

const makers = {
  'in WebAssembly': () => createSha256(),
  'in plain JavaScript, when WebAssembly is refused': () =>
    createSha256(() => Promise.reject(new WebAssembly.CompileError('refused'))),
}

describe.each(Object.entries(makers))('createSha256 %s', (_, make) => {
  it('hashes an empty input', async () => {
    expect((await make()).hex()).toBe(createHash('sha256').digest('hex'))
  })

  it.each([1, 55, 56, 63, 64, 65, 119, 120, 65_536, 65_537, 300_001])(
    'hashes %i bytes in parts',
    async (length) => {
      const bytes = randomBytes(length)
      const sha = await make()
      for (let at = 0; at < length; at += 9999) sha.update(bytes.subarray(at, at + 9999))
      expect(sha.hex()).toBe(createHash('sha256').update(bytes).digest('hex'))
    },
  )

  it('two hashes in progress do not affect each other', async () => {
    const [a, b] = await Promise.all([make(), make()])
    a.update(Uint8Array.of(1))
    b.update(Uint8Array.of(2))
    expect(a.hex()).toBe(createHash('sha256').update(Uint8Array.of(1)).digest('hex'))
    expect(b.hex()).toBe(createHash('sha256').update(Uint8Array.of(2)).digest('hex'))
  })
})
