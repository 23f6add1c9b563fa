import type { connect, Ferry, Prefetch } from 'modelferry'
import type { FerryNews } from './FerryNews.ts'

/** What the stage's page has on its window. */
export interface StageWindow {
  /** The script tag's global. */
  modelferry: { connect: typeof connect }
  ferry: Ferry
  /** What the connection told, oldest first; progress apart. */
  news: FerryNews[]
  /** How far each content has come, by the last progress heard. */
  held: Record<string, number>
  /** How often the page was asked for another token. */
  renewals: number
  /** The prefetch under way. */
  load: Prefetch
}
