// Log lines, metrics and usage counters in one shape for decisions, queueing and transfers.
// Writes to a function it is given; never sees a token or a whole address.
// Start with log.ts (createLog).

export { createDailySalt, createLog, type Log, type LogEvent, type LogFields } from './log.ts'
export { createMetrics } from './metrics.ts'
export { createUsage, type UsageSnapshot } from './usage.ts'
