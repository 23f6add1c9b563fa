import { expect, test } from 'vitest'
import { identified } from './session.ts'

const gateway = 'https://gateway.example'
const page = 'https://app.example'
const frontend = { app: 'my-app', origins: [gateway] }

/** What was sent, `method url app-id redirect referrer`; addresses with /hop redirect. */
function sending(): {
  sent: string[]
  fetch: (url: string, init?: RequestInit) => Promise<Response>
} {
  const sent: string[] = []
  const platform = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const { method = 'GET', redirect = 'follow', referrer, referrerPolicy } = init
    const label = new Headers(init.headers).get('x-app-id') ?? '-'
    sent.push(
      [method, new URL(url).pathname, label, redirect, referrer ?? referrerPolicy].join(' '),
    )
    const response = new Response('well')
    const stopped = redirect === 'manual' && url.includes('/hop')
    return stopped ? Object.defineProperty(response, 'type', { value: 'opaqueredirect' }) : response
  }
  return { sent, fetch: identified(frontend, platform, page) }
}

test('the label goes where it was configured, and nowhere else', async () => {
  const { sent, fetch } = sending()
  await fetch(`${gateway}/x`, { headers: { range: 'bytes=0-1' } })
  await fetch('https://storage.example/x')
  await fetch(`${page}/x`)
  expect(sent).toEqual([
    'GET /x my-app manual https://app.example/',
    'GET /x - follow no-referrer',
    'GET /x - follow ',
  ])
})

test('a redirect is followed without the label, and the next time at once', async () => {
  const { sent, fetch } = sending()
  expect(await (await fetch(`${gateway}/hop`)).text()).toBe('well')
  await fetch(`${gateway}/hop`)
  expect(sent).toEqual([
    'GET /hop my-app manual https://app.example/',
    'GET /hop - follow no-referrer',
    'GET /hop - follow no-referrer',
  ])
})

test('what cannot be sent twice, or was not to be followed, is sent once', async () => {
  const { sent, fetch } = sending()
  await fetch(`${gateway}/hop`, { method: 'POST' })
  await fetch(`${gateway}/hop`, { redirect: 'error' })
  await fetch(`${gateway}/hop`, { redirect: 'manual' })
  expect(sent.map((line) => line.split(' ')[3])).toEqual(['follow', 'error', 'manual'])
})
