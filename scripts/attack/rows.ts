// The attacks that take seconds at most. Each throws when it succeeds.

import assert from 'node:assert/strict'
import { sendRaw, statusOf } from './raw.ts'
import { tokens, type Target } from './target.ts'

const json = { 'content-type': 'application/json' }

/** A made-up token creates no repository, in any mode and percentage of a rollout; a known one does. */
export async function madeUpToken(target: Target): Promise<string> {
  const rollouts = [
    { mode: 'off' },
    { mode: 'shadow' },
    { mode: 'enforce', percent: 0 },
    { mode: 'enforce', percent: 50 },
    { mode: 'enforce' },
  ]
  const create = async (token: string, name: string): Promise<number> => {
    const headers = { ...json, authorization: `Bearer ${token}` }
    const body = JSON.stringify({ type: 'model', name, organization: 'attack' })
    return (await fetch(`${target.url}/api/repos/create`, { method: 'POST', headers, body })).status
  }
  for (const [index, rollout] of rollouts.entries()) {
    await target.rollout(rollout)
    const said = JSON.stringify(rollout)
    assert.equal(await create('hf_made_up', `stolen-${index}`), 401, `made-up token in ${said}`)
    assert.equal(await create(tokens.holder, `own-${index}`), 200, `known token in ${said}`)
  }
  return `${rollouts.length} rollouts: 401 for a made-up token, 200 for a known one`
}

const climbing = [
  '..%2fadmin',
  '..%5cadmin',
  '..;/admin',
  '%2e%2e/admin',
  '%2e%2e;/admin',
  '%252e%252e%252fadmin',
  '%252e%252e/admin',
  'x%2f..%2f..%2fadmin',
  '..%00/admin',
  '%c0%ae%c0%ae/admin',
  '..\\admin',
  './/../../admin',
]

/** No encoding of a path reaches what is outside the path of an upstream. */
export async function upstreamPath(target: Target): Promise<string> {
  target.upstream.length = 0
  for (const rest of climbing) {
    const request = `GET /v1/text/${rest} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokens.holder}\r\nConnection: close\r\n\r\n`
    const status = statusOf(await sendRaw(target.port, request))
    assert.ok(status !== undefined && status >= 400, `${rest} got ${status}`)
  }
  assert.deepEqual(target.upstream, [])
  const headers = { authorization: `Bearer ${tokens.holder}` }
  assert.equal((await fetch(`${target.url}/v1/text/%61?b=1`, { headers })).status, 200)
  assert.deepEqual(target.upstream, ['/generate/a?b=1'])
  return `${climbing.length} encodings refused`
}

/** Counters are not readable by a peer on loopback, which a proxy on this machine is. */
export async function counters(target: Target): Promise<string> {
  for (const path of ['/metrics', '/usage']) {
    assert.equal((await fetch(target.url + path)).status, 404)
    // As nginx forwards by default: nothing says that there is a proxy.
    const plain = `GET ${path} HTTP/1.0\r\nHost: 127.0.0.1:${target.port}\r\nConnection: close\r\n\r\n`
    assert.notEqual(statusOf(await sendRaw(target.port, plain)), 200)
    const headers = { authorization: `Bearer ${tokens.counters}` }
    assert.equal((await fetch(target.url + path, { headers })).status, 200)
  }
  return '404 without a token, 200 with one'
}

/** Methods for caches and debuggers are refused. */
export async function oddMethods(target: Target): Promise<string> {
  for (const method of ['PURGE', 'TRACE', 'PROPFIND', 'CONNECT']) {
    const request = `${method} /v1/text/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`
    const status = statusOf(await sendRaw(target.port, request, { ms: 2000 }))
    assert.ok(status === undefined || status === 405 || status === 400, `${method} got ${status}`)
  }
  return 'PURGE, TRACE, PROPFIND and CONNECT refused'
}

/** Pages may use SDKs, and their preflights decide nothing. */
export async function preflights(target: Target): Promise<string> {
  const names =
    'authorization, content-type, x-api-key, anthropic-version, anthropic-dangerous-direct-browser-access, x-stainless-os, range, http-referer, x-title'
  const response = await fetch(`${target.url}/v1/text/x`, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://app.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': names,
    },
  })
  const allowed = response.headers.get('access-control-allow-headers')?.split(', ')
  for (const name of names.split(', ')) assert.ok(allowed?.includes(name), `${name} is not allowed`)
  return `${names.split(', ').length} headers of SDKs allowed`
}

/** When the server stops, running requests are completed and waiting ones are refused: no response is empty. */
export async function shutdown(target: Target): Promise<string> {
  const request = `GET /v1/text/hold HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`
  // One address without a token: one request runs, the others wait.
  const asked = Array.from({ length: 4 }, () =>
    sendRaw(target.port, request, { localAddress: '127.0.3.1', ms: 15_000 }),
  )
  await new Promise((resolve) => setTimeout(resolve, 400))
  target.terminate()
  const answers = await Promise.all(asked)
  const statuses = answers
    .map((answer) => statusOf(answer) ?? 0)
    .toSorted((one, other) => one - other)
  assert.deepEqual(statuses, [200, 503, 503, 503])
  const refused = answers.filter((answer) => statusOf(answer) === 503)
  assert.ok(refused.every((answer) => /^retry-after: \d/im.test(answer)))
  return 'one request finished, 3 that waited got 503 with Retry-After'
}
