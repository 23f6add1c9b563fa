import { FerryError } from '../core/FerryError.ts'
import type { Ticket } from './Ticket.ts'

/** What is wrong with a ticket; undefined: nothing. */
export function ticketFault({ limits, priority = 0, cost = 1 }: Ticket): FerryError | undefined {
  if (!(limits.concurrency >= 1 && Number.isInteger(limits.concurrency))) {
    return fault('concurrency', limits.concurrency, 'a whole number of at least 1')
  }
  if (!(limits.weight >= 1 && limits.weight < Infinity)) {
    return fault('weight', limits.weight, 'a number of at least 1')
  }
  if (!(limits.intervalMs >= 0 && limits.intervalMs < Infinity)) {
    return fault('intervalMs', limits.intervalMs, 'milliseconds, 0 for none')
  }
  if (!(limits.maxWaiting >= 0)) return fault('maxWaiting', limits.maxWaiting, '0 or more')
  if (!(limits.maxWaitMs >= 0)) return fault('maxWaitMs', limits.maxWaitMs, 'milliseconds')
  if (!(priority >= -10 && priority <= 10 && Number.isInteger(priority))) {
    return fault('priority', priority, 'a whole number from -10 to 10')
  }
  if (!(cost >= 0 && cost < Infinity)) return fault('cost', cost, '0 or more')
  return undefined
}

function fault(name: string, value: number, wanted: string): FerryError {
  return new FerryError('configuration', `The ticket's ${name} is ${value}; give ${wanted}.`)
}
