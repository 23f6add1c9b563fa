// 32 clients without a token send request bodies very slowly, from 32 addresses, while a token holder works.

import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { statusOf } from './raw.ts'
import { tokens, type Target } from './target.ts'

const strangers = 32

/** Sends slow bodies one after another until it is told to stop. @returns how many were refused */
async function drip(port: number, address: string, isOver: () => boolean): Promise<number> {
  let refused = 0
  while (!isOver()) {
    const answer = await new Promise<string>((resolve) => {
      let text = ''
      const socket = connect({ port, host: '127.0.0.1', localAddress: address })
      const timer = setInterval(() => (isOver() ? socket.destroy() : socket.write(' ')), 1000)
      socket.on('data', (data) => {
        text += data.toString('latin1')
        socket.destroy()
      })
      socket.on('error', () => undefined)
      socket.on('close', () => {
        clearInterval(timer)
        resolve(text)
      })
      socket.write(
        'POST /v1/text/slow HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n{',
      )
    })
    if (statusOf(answer) === 408) refused++
  }
  return refused
}

/**
 * Plays the attack. The token holder has to be served all the time, each time within a second for 99 of 100.
 *
 * @param ms how long
 */
export async function slowBodies(target: Target, ms: number): Promise<string> {
  const endsAt = performance.now() + ms
  const isOver = (): boolean => performance.now() > endsAt
  const dripping = Array.from({ length: strangers }, (_, at) =>
    drip(target.port, `127.0.1.${at + 1}`, isOver),
  )
  const times: number[] = []
  const url = `${target.url}/v1/text/work`
  const headers = { authorization: `Bearer ${tokens.holder}`, 'content-type': 'application/json' }
  while (!isOver()) {
    const startedAt = performance.now()
    const response = await fetch(url, { method: 'POST', headers, body: '{"prompt":"x"}' })
    await response.arrayBuffer()
    assert.equal(response.status, 200, 'the token holder was not served')
    times.push(performance.now() - startedAt)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const refused = (await Promise.all(dripping)).reduce((sum, count) => sum + count, 0)
  times.sort((one, other) => one - other)
  const at = (part: number): number => times[Math.floor(part * (times.length - 1))]!
  const said = `${times.length} requests of the token holder: p50 ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms, most ${at(1).toFixed(1)} ms; ${refused} dripped bodies got 408`
  assert.ok(at(0.99) < 1000, said)
  assert.ok(ms < 15_000 || refused >= strangers, said)
  return said
}
