/** A command for a page. */
export interface Order {
  readonly id: number
  /** Source of a function. */
  readonly work: string
  readonly input?: unknown
}

/** A message of a page: a poll for a command, or the result of one. */
export interface Saying {
  /** Page id; different after each load. */
  readonly page: string
  readonly done?: number
  readonly value?: unknown
  readonly error?: string
}

/**
 * Runs in the page as long as it is open: polls for commands, runs them and reports the results. It is sent there as
 * text, so it uses nothing from outside.
 *
 * @param first URL to poll; a page that another one opened has it as its name
 */
export async function followCommands(first: string): Promise<void> {
  const remote = window.name || first
  const page = crypto.randomUUID()
  const say = (saying: Omit<Saying, 'page'>): Promise<Response> =>
    window.fetch(remote, { method: 'POST', body: JSON.stringify({ page, ...saying }) })
  const carryOut = async ({ id: done, work, input }: Order): Promise<void> => {
    try {
      // oxlint-disable-next-line no-eval -- running sent code is the purpose
      const run = (0, eval)(`(${work})`) as (input: unknown) => unknown
      await say({ done, value: await run(input) })
    } catch (error) {
      await say({ done, error: `${String(error)}\n${(error as Error).stack}` })
    }
  }
  for (;;) void carryOut((await (await say({})).json()) as Order)
}
