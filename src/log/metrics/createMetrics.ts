import { createCounter } from './createCounter.ts'
import { createHistogram } from './createHistogram.ts'
import { formatMetric } from './formatMetric.ts'
import type { Metric } from './Metric.ts'
import type { Metrics } from './Metrics.ts'

/** Milliseconds, from what nobody notices to the longest wait that tiers allow by default. */
const waits = [1, 10, 50, 100, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000]

/**
 * Makes the counters of a gateway.
 *
 * @example
 * const metrics = createMetrics()
 * metrics.decided('NONE')
 * const page = metrics.text(queue.totals)
 */
export function createMetrics(): Metrics {
  const decisions = createCounter<Parameters<Metrics['decided']>[0]>(
    { name: 'auth_decisions_total', help: 'Decisions, by their reason.', label: 'reason' },
    {
      DB_TOKEN: true,
      LEGACY_TOKEN: true,
      DB_REFERRER: true,
      ALLOWLIST: true,
      NONE: true,
      INVALID_TOKEN: true,
      MALFORMED_CREDENTIAL: true,
      MULTIPLE_CREDENTIALS: true,
      AUTH_UNAVAILABLE: true,
    },
  )
  const refusals = createCounter<Parameters<Metrics['refused']>[0]>(
    { name: 'queue_rejected_total', help: 'Requests that the queue refused.', label: 'why' },
    { waiting: true, wait: true, total: true, keys: true, store: true, closed: true },
  )
  const waited = createHistogram(
    { name: 'queue_wait_ms', help: 'Milliseconds that admitted requests waited in the queue.' },
    waits,
  )
  const lookups = createCounter<Parameters<Metrics['lookedUp']>[0]>(
    { name: 'verdict_cache_total', help: 'Lookups of what a token is worth.', label: 'result' },
    { hit: true, stale: true, miss: true, error: true },
  )
  return {
    decided: (reason) => decisions.add(reason),
    refused: (why) => refusals.add(why),
    waited: (ms) => waited.add(ms),
    lookedUp: (result) => lookups.add(result),
    text: ({ waiting, running }) =>
      [
        decisions.metric,
        gauge('queue_waiting', 'Requests that wait in the queue now.', waiting),
        gauge('queue_running', 'Requests that hold a slot of the queue now.', running),
        refusals.metric,
        waited.metric,
        lookups.metric,
      ]
        .map(formatMetric)
        .join(''),
  }
}

function gauge(name: string, help: string, value: number): Metric {
  return { name, help, type: 'gauge', samples: [{ value }] }
}
