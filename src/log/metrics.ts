import type { DecisionReason } from '../auth/index.ts'
import type { RefusalWhy } from '../queue/index.ts'

/** Counts by one label. */
export interface Counter<Value extends string> {
  /** Adds one. An unknown value counts as `other`. */
  add(value: Value): void
  readonly metric: Metric
}

/** Counts values in buckets. */
export interface Histogram {
  /** Counts a value. Values other than numbers of 0 or more are ignored. */
  add(value: number): void
  readonly metric: Metric
}

/** One metric in the form in which it is written. */
export interface Metric {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** One line of description. */
  readonly help: string
  readonly samples: readonly {
    /** Appended to the name: `_bucket`, `_sum`, `_count`. */
    readonly suffix?: string
    readonly label?: readonly [name: string, value: string]
    readonly value: number
  }[]
}

/** Counters for monitoring. Every label has a fixed set of values: no request can make a new series. */
export interface Metrics {
  /** A decision was made. */
  decided(reason: DecisionReason): void
  /** The queue refused a request. */
  refused(why: RefusalWhy): void
  /** @param ms milliseconds that an admitted request waited in the queue */
  waited(ms: number): void
  /** A verdict was looked up. */
  lookedUp(result: 'hit' | 'stale' | 'miss' | 'error'): void
  /**
   * All metrics in the text format of Prometheus: `text/plain; version=0.0.4; charset=utf-8`.
   *
   * @param queue current `totals` of the queue
   */
  text(queue: { readonly waiting: number; readonly running: number }): string
}

/**
 * Makes a counter whose series all exist from the start, at zero, so that a first event shows as an increase.
 *
 * @param about name, help and the label's name
 * @param values all values of the label; the type requires each of them
 */
function createCounter<Value extends string>(
  about: { readonly name: string; readonly help: string; readonly label: string },
  values: Readonly<Record<Value, true>>,
): Counter<Value> {
  const counts = new Map<string, number>(Object.keys(values).map((value) => [value, 0]))
  return {
    add(value) {
      const series = Object.hasOwn(values, value) ? value : 'other'
      counts.set(series, (counts.get(series) ?? 0) + 1)
    },
    get metric(): Metric {
      return {
        name: about.name,
        help: about.help,
        type: 'counter',
        samples: [...counts].map(([value, count]) => ({
          label: [about.label, value],
          value: count,
        })),
      }
    },
  }
}

/**
 * Makes a histogram.
 *
 * @param about name and help
 * @param bounds upper bounds of the buckets, ascending; the unbounded last bucket is added
 */
function createHistogram(
  about: { readonly name: string; readonly help: string },
  bounds: readonly number[],
): Histogram {
  const ends = [...bounds, Infinity]
  // Buckets are cumulative: each counts all values up to its bound.
  const counts = ends.map(() => 0)
  let sum = 0
  return {
    add(value) {
      if (!(value >= 0 && value < Infinity)) return
      sum += value
      ends.forEach((end, at) => {
        if (value <= end) counts[at]! += 1
      })
    },
    get metric(): Metric {
      return {
        ...about,
        type: 'histogram',
        samples: [
          ...ends.map((end, at) => ({
            suffix: '_bucket',
            label: ['le', end === Infinity ? '+Inf' : String(end)] as const,
            value: counts[at]!,
          })),
          { suffix: '_sum', value: sum },
          { suffix: '_count', value: counts.at(-1)! },
        ],
      }
    },
  }
}

/** Writes a metric in the text format 0.0.4 of Prometheus, with a line end after every line. */
export function formatMetric({ name, type, help, samples }: Metric): string {
  const lines = samples.map(({ suffix = '', label, value }) => {
    const labels =
      label === undefined ? '' : `{${label[0]}="${escape(label[1]).replaceAll('"', '\\"')}"}`
    return `${name}${suffix}${labels} ${number(value)}\n`
  })
  return `# HELP ${name} ${escape(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

function escape(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function number(value: number): string {
  return value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : String(value)
}

/** Milliseconds, from an unnoticeable wait to the longest that tiers allow by default. */
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
    {
      waiting: true,
      wait: true,
      group: true,
      slots: true,
      total: true,
      keys: true,
      store: true,
      closed: true,
    },
  )
  const waited = createHistogram(
    { name: 'queue_wait_ms', help: 'Milliseconds that admitted requests waited in the queue.' },
    waits,
  )
  const lookups = createCounter<Parameters<Metrics['lookedUp']>[0]>(
    { name: 'verdict_cache_total', help: 'Lookups of token verdicts.', label: 'result' },
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
