import * as v from 'valibot'
import { checkLayer } from './checkLayer.ts'
import type { ConfigSources } from './ConfigSources.ts'
import { configurationError } from './configurationError.ts'
import { describeIssues } from './describeIssues.ts'
import { findContradictions } from './findContradictions.ts'
import { formatPath } from './formatPath.ts'
import type { GatewayConfig } from './GatewayConfig.ts'
import { gatewaySchema } from './gatewaySchema.ts'
import { mergeLayers } from './mergeLayers.ts'
import { readReferences } from './readReferences.ts'
import { readSources } from './readSources.ts'

/** A configuration, and where its entries came from. */
export interface AssembledConfig {
  readonly config: GatewayConfig
  /** Which layer each entry came from, by its place; an entry that is not there has its default. */
  readonly origins: ReadonlyMap<string, string>
}

/** Check each source alone, put them over one another, fetch the secrets, check the whole. */
export function assembleConfig(sources: ConfigSources): AssembledConfig {
  const { layers, others, faults } = readSources(sources)
  stopAt([...faults, ...[...layers, ...others].flatMap(checkLayer)])

  const { value, origins } = mergeLayers(layers)
  const missing: string[] = []
  const complete = readReferences(value, ({ path, variable }) => {
    const text = Object.hasOwn(sources.process, variable) ? sources.process[variable] : undefined
    if (!text) missing.push(`${formatPath(path)}: the variable ${variable} is not set, or empty`)
    return text
  })
  stopAt(missing)

  const parsed = v.safeParse(gatewaySchema, complete, { abortPipeEarly: true })
  if (!parsed.success) {
    throw configurationError(
      describeIssues(parsed.issues).map(({ path, why }) => `${formatPath(path)}: ${why}`),
    )
  }
  stopAt(findContradictions(parsed.output))
  return { config: parsed.output, origins }
}

function stopAt(faults: readonly string[]): void {
  if (faults.length > 0) throw configurationError(faults)
}
