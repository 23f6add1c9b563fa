import { FerryError } from '../core/FerryError.ts'
import type { Ferry } from './Ferry.ts'
import { reportFault } from './reportFault.ts'

/**
 * Raises `fault` when a page with other options takes over the service worker of this page's scope: a scope has
 * one, and what it answers follows from the options of who connected last.
 */
export function tellReplaced(ferry: Ferry): void {
  const { serviceWorker } = navigator
  const ours = serviceWorker.controller?.scriptURL
  serviceWorker.addEventListener('controllerchange', () => {
    const now = serviceWorker.controller?.scriptURL
    if (now === undefined || now === ours) return
    reportFault(
      ferry,
      new FerryError(
        'configuration',
        'Another page of this scope has connected with other options, and its hubs, files, shell and runtimes now count for this page as well. Give them alike on all pages of a scope, or give each app a folder and a service worker file of its own.',
      ),
    )
  })
}
