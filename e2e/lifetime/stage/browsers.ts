import { installedFirefox } from '../../../scripts/browser/installedFirefox.ts'
import type { LifetimeBrowser } from './LifetimeBrowser.ts'

/** Those of this machine: a Firefox may be missing, a Chromium is not. */
export const browsers: readonly LifetimeBrowser[] = [
  'chromium',
  ...(installedFirefox() === undefined ? [] : (['firefox'] as const)),
]
