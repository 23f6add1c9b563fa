import { writeFile } from 'node:fs/promises'
import type { BenchOptions } from '../BenchOptions.ts'
import { machineLine } from '../machineLine.ts'
import { authTables } from './authTables.ts'
import { measureDecisions } from './measureDecisions.ts'
import { measureGateway } from './measureGateway.ts'
import { measureKeys } from './measureKeys.ts'
import { measureQueues } from './measureQueues.ts'

/** Short rounds are repeated more often. */
const more = { decisions: 100, gateway: 10 }

/** Measures decisions, queue and gateway in Node, and prints the tables. */
export async function runAuth(options: BenchOptions): Promise<void> {
  const { rounds, json } = options
  const samples = {
    decisions: await measureDecisions(rounds * more.decisions),
    queues: await measureQueues(rounds),
    keys: await measureKeys(rounds),
    gateway: await measureGateway(rounds * more.gateway),
  }
  const machine = machineLine()
  const method =
    `medians of ${rounds} interleaved rounds; of ${rounds * more.decisions} short ones for decisions, ` +
    `${rounds * more.gateway} for the gateway`
  console.log(`${machine}\n${method}\n\n${authTables(samples)}`)
  if (json !== undefined)
    await writeFile(json, JSON.stringify({ machine, options, samples }, null, 2))
}
