import { expect, test } from 'vitest'
import { rebuildResponse } from '../page/ferry.ts'
import { carryResponse } from './loader-calls.ts'

test.each([
  ['a body', new Response('hello', { status: 206, headers: { 'content-range': 'bytes 0-4/9' } })],
  ['no body', new Response(null, { status: 204 })],
  ['not modified', new Response(null, { status: 304, headers: { etag: '"one"' } })],
  ['a refusal', new Response('no', { status: 404, statusText: 'Not Found' })],
])('%s crosses a realm and is the same response there', async (_, response) => {
  const { status, statusText } = response
  const headers = [...response.headers]
  const body = await response.clone().text()
  const { carried, transferables } = await carryResponse(response, 'https://hub.example/x')
  const rebuilt = rebuildResponse(structuredClone(carried, { transfer: transferables }))
  expect(rebuilt).toMatchObject({ status, statusText, url: 'https://hub.example/x' })
  expect([...rebuilt.headers]).toEqual(headers)
  expect(await rebuilt.text()).toBe(body)
})

test('an abort on the page ends a body that crossed', async () => {
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(9)),
  })
  const { carried, transferables } = await carryResponse(
    new Response(endless),
    'https://h.example/',
  )
  const abort = new AbortController()
  const clone = structuredClone(carried, { transfer: transferables })
  const reading = rebuildResponse(clone, abort.signal).text()
  abort.abort(new Error('enough'))
  await expect(reading).rejects.toThrow('enough')
})
