import type { Account } from './Account.ts'
import type { PageOptions } from './PageOptions.ts'
import type { ConnectionEvent } from './ConnectionEvent.ts'
import type { StageWindow } from './StageWindow.ts'

/** Runs in the page: connects and records events. It is sent as text, so it must not use outer variables. */
export async function connectPage({
  token,
  renewedToken = token,
  tokenOrigins,
  accounts,
  ...options
}: PageOptions): Promise<boolean> {
  const page = window as unknown as StageWindow
  const origins = tokenOrigins ?? options.hubs ?? []
  page.renewals = 0
  const give = ({ refused }: { refused: boolean }): string | undefined => {
    if (refused) page.renewals += 1
    return page.renewals % 2 === 1 ? renewedToken : token
  }
  // oxlint-disable-next-line unicorn/consistent-function-scoping -- must be inside the function that is sent to the page
  const account = (): Account => JSON.parse(sessionStorage.getItem('account') ?? '{}') as Account
  const giveOf = ({ refused }: { refused: boolean }): string | undefined => {
    const { token: own, renewedToken: other = own, fails } = account()
    if (fails) throw new Error('The page has no network.')
    if (refused) page.renewals += 1
    return refused ? other : own
  }
  page.ferry = await page.modelferry.connect({
    ...options,
    ...(token !== undefined && { auth: { token: give, origins } }),
    ...(accounts === 'unnamed' && { auth: { token: giveOf, origins } }),
    ...(accounts === 'named' && {
      auth: { token: giveOf, origins, partition: () => account().user },
    }),
  })
  page.events = []
  page.held = {}
  for (const name of ['renewed', 'waiting', 'evicted', 'fault'] as const)
    page.ferry.addEventListener(name, ({ detail }) =>
      page.events.push({ name, detail } as ConnectionEvent),
    )
  page.ferry.addEventListener('progress', ({ detail }) => {
    page.held[detail.url] = detail.held
  })
  return page.ferry.controlled
}
