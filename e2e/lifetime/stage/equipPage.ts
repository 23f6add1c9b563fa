import type { LifetimeWindow } from './LifetimeWindow.ts'

type Writable<T> = { -readonly [Key in keyof T]: T[Key] }
type Question = { readonly kind: string; readonly name?: string; readonly id: string }

/**
 * Runs in the page before it connects. It is sent there as text, so it uses nothing from outside.
 *
 * A message on a BroadcastChannel neither starts a service worker nor keeps it alive. A running one answers the
 * question that `connect()` asks, also when another sender repeats it. Each instance has a different id.
 */
export function equipPage(): void {
  const page = window as unknown as Writable<LifetimeWindow>
  const channel = new BroadcastChannel('modelferry')
  const sightMs = 2000
  let question: Question | undefined
  channel.addEventListener('message', ({ data }: MessageEvent<Question>) => {
    if (data.kind === 'ask' && data.name === 'version') question ??= data
  })
  page.wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
  page.sight = async () => {
    if (question === undefined) throw new Error('connect() asked the service worker nothing.')
    const id = crypto.randomUUID()
    const over = new AbortController()
    const answer = new Promise<string>((resolve) => {
      const hear = ({ data }: MessageEvent<Question & { from: string }>): void => {
        if (data.kind === 'answer' && data.id === id) resolve(data.from)
      }
      channel.addEventListener('message', hear, { signal: over.signal })
    })
    channel.postMessage({ ...question, id })
    const seen = await Promise.race([answer, page.wait(sightMs).then(() => null)])
    over.abort()
    return seen
  }
  const pings: number[] = []
  page.pings = pings
  new BroadcastChannel('pings').addEventListener('message', () => pings.push(Date.now()))
}
