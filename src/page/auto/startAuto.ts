import { encodeSwParameters } from '../../core/swParameters.ts'
import { isWeights } from '../../core/isWeights.ts'
import { wildcard } from '../../core/wildcard.ts'
import { withTimeout } from '../../core/withTimeout.ts'
import { connect } from '../connect.ts'
import type { ConnectOptions } from '../ConnectOptions.ts'
import type { Ferry } from '../Ferry.ts'
import { reportFault } from '../reportFault.ts'
import { settle } from '../settle.ts'
import { autoOptions } from './autoOptions.ts'
import { holdFetches } from './holdFetches.ts'

/** How long a page's requests wait for modelferry at most, milliseconds. */
const holdMs = 3000

/**
 * Connects by itself when its script tag has `data-auto`. The page's fetches of model files wait meanwhile, unless
 * the service worker is in control already: else the first visit would go past it.
 *
 * @param script the tag this runs from
 * @returns undefined when the tag does not ask for it
 */
export function startAuto(script: typeof document.currentScript): Promise<Ferry> | undefined {
  if (!(script instanceof HTMLScriptElement) || script.dataset['auto'] === undefined)
    return undefined
  const options = (): ConnectOptions => autoOptions(script.dataset, script.src, location.href)
  const connected = async (): Promise<Ferry> => await connect(options())
  const ready = connected()
  // Nobody else may be looking at `ready`.
  ready
    .then((ferry) => ferry.addEventListener('fault', ({ detail }) => warn(detail.message)))
    .catch(warn)
  try {
    const { serviceWorker, parameters } = settle(options(), location.href)
    const url = `${serviceWorker}?${encodeSwParameters(parameters)}`
    if (navigator.serviceWorker?.controller?.scriptURL === url) return ready
    const { hubs, files } = parameters
    const places = [...hubs.map((hub) => `${hub}/*`), ...files].map(wildcard)
    // More than model files may wait: that costs moments, where a whole matcher would cost every visit's bytes.
    const isHeld = (url: string): boolean =>
      isWeights(url) || places.some((place) => place.test(url))
    holdFetches(isHeld, released(ready))
  } catch {
    // What connect() refuses the same options with says it.
  }
  return ready
}

function warn(fault: unknown): void {
  console.warn('modelferry:', fault)
}

/** When the requests go on: connected, failed, or too late, and then whoever is connected later hears of it. */
async function released(ready: Promise<Ferry>): Promise<void> {
  const late = 'modelferry was not ready within 3 s: requests for model files went on without it.'
  try {
    await withTimeout(ready, holdMs, late)
  } catch (fault) {
    ready.then((ferry) => reportFault(ferry, fault)).catch(() => undefined)
  }
}
