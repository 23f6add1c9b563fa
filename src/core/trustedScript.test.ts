import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const url = 'https://app.example/modelferry-sw.js'

beforeEach(() => {
  vi.resetModules()
  vi.stubGlobal('location', { origin: 'https://app.example' })
})

afterEach(() => {
  vi.unstubAllGlobals()
})

async function trusted(url: string): Promise<unknown> {
  const { trustedScript } = await import('./platform.ts')
  return trustedScript(url)
}

function refuse(): never {
  throw new TypeError('refused')
}

test('where there are Trusted Types, one policy lets addresses of this origin pass', async () => {
  const createPolicy = vi.fn<(name: string, rules: object) => object>((_, rules) => rules)
  vi.stubGlobal('trustedTypes', { createPolicy })
  expect(await trusted(url)).toBe(url)
  expect(await trusted(url)).toBe(url)
  expect(createPolicy).toHaveBeenCalledExactlyOnceWith('modelferry', expect.anything())
  await expect(trusted('https://other.example/sw.js')).rejects.toThrow('own origin')
})

test('where there are none, or the page allows no policy, it is the text', async () => {
  expect(await trusted(url)).toBe(url)
  vi.stubGlobal('trustedTypes', { createPolicy: refuse })
  expect(await trusted(url)).toBe(url)
})
