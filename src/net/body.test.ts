import { expect, test } from 'vitest'
import { readAtMost } from './body.ts'
import { readJson } from './body.ts'

test('reads a body up to exactly the limit', async () => {
  expect(await readAtMost(new Response('12345'), 5)).toMatchObject({ cut: false })
  const { bytes, cut } = await readAtMost(new Response('123456'), 5)
  expect(new TextDecoder().decode(bytes)).toBe('12345')
  expect(cut).toBe(true)
  expect((await readAtMost(new Response(null), 5)).bytes).toHaveLength(0)
})

test('stops reading an endless body at the limit', async () => {
  let cancelled = false
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(1000)),
    cancel: () => void (cancelled = true),
  })
  expect((await readAtMost(new Response(body), 2500)).bytes).toHaveLength(2500)
  expect(cancelled).toBe(true)
})

test('JSON, or an error that does not quote it', async () => {
  expect(await readJson('It', new Response('{"a":1}'), 100)).toEqual({ a: 1 })
  const bad = readJson('The token', new Response('secret-token'), 100)
  await expect(bad).rejects.toMatchObject({
    code: 'protocol',
    message: expect.not.stringContaining('secret'),
  })
  await expect(readJson('It', new Response('[1,2,3]'), 3)).rejects.toMatchObject({
    code: 'protocol',
  })
})
