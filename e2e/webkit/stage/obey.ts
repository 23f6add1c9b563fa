/** What a page is told to do. */
export interface Order {
  readonly id: number
  /** Source of a function. */
  readonly work: string
  readonly input?: unknown
}

/** What a page says: that it is there and asks for an order, or what came of one. */
export interface Saying {
  /** Another one after each load. */
  readonly page: string
  readonly done?: number
  readonly value?: unknown
  readonly error?: string
}

/**
 * Runs in the page as long as it is open: asks for orders, carries them out and tells what came of them. Sent
 * there as text, so it uses nothing from outside.
 *
 * @param first whom to ask; a page that another one opened bears that as its name
 */
export async function obey(first: string): Promise<void> {
  const remote = window.name || first
  const page = crypto.randomUUID()
  const say = (saying: Omit<Saying, 'page'>): Promise<Response> =>
    window.fetch(remote, { method: 'POST', body: JSON.stringify({ page, ...saying }) })
  const carryOut = async ({ id: done, work, input }: Order): Promise<void> => {
    try {
      // oxlint-disable-next-line no-eval -- it is what this is for
      const run = (0, eval)(`(${work})`) as (input: unknown) => unknown
      await say({ done, value: await run(input) })
    } catch (error) {
      await say({ done, error: `${String(error)}\n${(error as Error).stack}` })
    }
  }
  for (;;) void carryOut((await (await say({})).json()) as Order)
}
