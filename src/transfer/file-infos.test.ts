import { describe, expect, test } from 'vitest'
import type { Refusal } from '../data/index.ts'
import { refusalFault } from './file-infos.ts'

describe('refusalFault', () => {
  const url = 'https://hub.example/me/m/resolve/main/model.onnx'
  function refusal(status: number, ...headers: [string, string][]): Refusal {
    return { status, statusText: '', headers, body: new Uint8Array() }
  }

  test.each([404, 410, 500, 200])('%i is an ordinary refusal', (status) => {
    expect(refusalFault(url, refusal(status), false)).toBeUndefined()
  })

  test.each([
    [404, 'not-found', ''],
    [404, 'not-found', '_2'],
    [503, 'http', ''],
  ])('%i is %s for external data of a model%s', (status, code, more) => {
    const data = `${new URL(url).origin}/a/b/resolve/main/onnx/model.onnx_data${more}`
    const fault = refusalFault(`${data}?token=hf_x`, refusal(status), false)
    expect(fault).toMatchObject({ code, status, url: data })
  })

  test.each([
    [401, false, 'unauthorized', 'Provide a token'],
    [401, true, 'unauthorized', 'use another one'],
    [403, true, 'forbidden', 'ask for access'],
  ])('%i with a token: %s', (status, hadToken, code, hint) => {
    const said = refusal(status, ['x-error-code', 'GatedRepo'], ['x-error-message', 'Ask first.'])
    const fault = refusalFault(`${url}?token=hf_x`, said, hadToken)
    expect(fault).toMatchObject({ code, status, errorCode: 'GatedRepo', url })
    expect(fault?.message).toContain('Ask first.')
    expect(fault?.message).toContain(hint)
  })

  test('an expired signature of a plain server is no token: a fresh URL is needed', () => {
    const expired = { ...refusal(403), body: new TextEncoder().encode('<Code>AccessDenied</Code>') }
    const message = refusalFault('https://store.example/a.onnx', expired, true, true)?.message
    expect(message).toContain('store.example answered 403 (AccessDenied)')
    expect(message).toMatch(/signature .* expired .* fresh URL/)
    expect(message).not.toContain('token')
  })
})
