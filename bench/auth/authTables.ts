import { compare } from '../compare.ts'
import { formatTable } from '../formatTable.ts'
import type { Sample } from '../Sample.ts'
import { digests } from './measureDecisions.ts'
import { bareHub } from './measureGateway.ts'
import { keyCount } from './measureKeys.ts'
import { peerQueue } from './measureQueues.ts'

/** Formats the results as tables. */
export function authTables(samples: {
  readonly decisions: readonly Sample[]
  readonly queues: readonly Sample[]
  readonly keys: readonly Sample[]
  readonly gateway: readonly Sample[]
}): string {
  return [
    decisionTable(samples.decisions),
    queueTable(samples.queues),
    keyTable(samples.keys),
    gatewayTable(samples.gateway),
  ].join('\n\n')
}

function decisionTable(samples: readonly Sample[]): string {
  const toSubtle = compare(samples, digests.subtle)
  const rows = compare(samples, digests.noble).map(({ variant, median, min, max, ratio }, at) => [
    'one request',
    variant,
    us(median),
    (1000 / median).toFixed(0),
    ratio.toFixed(2),
    toSubtle[at]!.ratio.toFixed(2),
    `${us(min)}..${us(max)}`,
  ])
  const heading = ['of', 'work', 'median µs', 'per second', 'to noble', 'to subtle', 'min..max µs']
  return formatTable([heading, ...rows])
}

function queueTable(samples: readonly Sample[]): string {
  const rows = compare(samples, peerQueue).map(({ subject, variant, median, min, max, ratio }) => [
    `20,000 tasks, ${subject}`,
    variant,
    median.toFixed(1),
    (20_000 / median).toFixed(0),
    ratio.toFixed(2),
    `${min.toFixed(1)}..${max.toFixed(1)}`,
  ])
  const heading = ['of', 'queue', 'median ms', 'tasks/ms', 'time to p-queue', 'min..max ms']
  return formatTable([heading, ...rows])
}

function keyTable(samples: readonly Sample[]): string {
  const peer = `${peerQueue}, one each, idle`
  const rows = compare(samples, peer).map(({ subject, variant, median, min, max, ratio }) => [
    subject,
    variant,
    mb(median),
    (median / keyCount).toFixed(0),
    ratio.toFixed(2),
    `${mb(min)}..${mb(max)}`,
  ])
  const heading = ['heap of', 'queue', 'median MB', 'bytes per key', 'to p-queue', 'min..max MB']
  return formatTable([heading, ...rows])
}

function gatewayTable(samples: readonly Sample[]): string {
  const compared = compare(samples, bareHub)
  const rows = compared.map(({ subject, variant, median, min, max, ratio }) => {
    const bare = compared.find((each) => each.subject === subject && each.variant === bareHub)!
    return [
      `file info, ${subject}`,
      variant,
      us(median),
      us(median - bare.median),
      ratio.toFixed(3),
      `${us(min)}..${us(max)}`,
    ]
  })
  const heading = ['request', 'server', 'median µs', 'added µs', 'time to bare', 'min..max µs']
  return formatTable([heading, ...rows])
}

function us(ms: number): string {
  return (ms * 1000).toFixed(2)
}

function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(2)
}
