import { FerryError } from '../core/FerryError.ts'
import { askClientId } from './askClientId.ts'
import type { Ferry } from './Ferry.ts'
import { reportFault } from './reportFault.ts'

/**
 * Raises `fault` when the service worker that takes over is not for this page: that of a page with other options,
 * since a scope has one, and what it answers follows from the options of who connected last; or one that the browser
 * does not ask for it. Chromium 156 leaves pages out that were open while it waited for more than 30 s.
 *
 * @param ping an address that the service worker answers
 */
export async function tellReplaced(ferry: Ferry, ping: string): Promise<void> {
  const { serviceWorker } = navigator
  const { waiting, active } = (await serviceWorker.getRegistration()) ?? {}
  const ours = (waiting ?? active)?.scriptURL
  serviceWorker.addEventListener('controllerchange', () => {
    const now = serviceWorker.controller?.scriptURL
    if (now === undefined) return
    if (now !== ours) reportFault(ferry, otherOptions())
    void askClientId(ping).then((id) => id ?? reportFault(ferry, leftOut()))
  })
}

function otherOptions(): FerryError {
  return new FerryError(
    'configuration',
    'Another page of this scope connected with other options, which now count here. Give all pages of a scope the same, or each app a folder and a service worker of its own.',
  )
}

function leftOut(): FerryError {
  return new FerryError(
    'worker',
    'The new service worker leaves this page out: only ferry.fetch carries files. Reload the page.',
    { retryable: true },
  )
}
