import { installedFirefox } from '../../../scripts/browser/installedFirefox.ts'
import type { LifetimeBrowser } from './LifetimeBrowser.ts'

/** Browsers on this machine. Firefox may be missing; Chromium is always there. */
export const browsers: readonly LifetimeBrowser[] = [
  'chromium',
  ...(installedFirefox() === undefined ? [] : (['firefox'] as const)),
]
