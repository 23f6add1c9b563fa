import type { Boarding } from './Boarding.ts'
import type { FerryNews } from './FerryNews.ts'
import type { StageWindow } from './StageWindow.ts'

/** Runs in the page: connects, and listens from then on. Sent there as text, so it uses nothing from outside. */
export async function boardPage({
  token,
  renewedToken = token,
  tokenOrigins,
  ...options
}: Boarding): Promise<boolean> {
  const page = window as unknown as StageWindow
  const origins = tokenOrigins ?? options.hubs ?? []
  page.renewals = 0
  const give = ({ refused }: { refused: boolean }): string | undefined => {
    if (refused) page.renewals += 1
    return page.renewals % 2 === 1 ? renewedToken : token
  }
  page.ferry = await page.modelferry.connect({
    ...options,
    ...(token !== undefined && { auth: { token: give, origins } }),
  })
  page.news = []
  page.held = {}
  for (const name of ['renewed', 'waiting', 'evicted', 'fault'] as const)
    page.ferry.addEventListener(name, ({ detail }) => page.news.push({ name, detail } as FerryNews))
  page.ferry.addEventListener('progress', ({ detail }) => {
    page.held[detail.url] = detail.held
  })
  return page.ferry.controlled
}
