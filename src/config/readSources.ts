import type { ConfigLayer } from './ConfigLayer.ts'
import type { ConfigSources } from './ConfigSources.ts'
import { readVariables } from './readVariables.ts'
import { splitFile } from './splitFile.ts'
import { unknownVariables } from './unknownVariables.ts'

/** Everything the sources say, in order. */
export interface ReadSources {
  /** What counts, the strongest first: process, local file, shared file; within a file, its environment first. */
  readonly layers: readonly ConfigLayer[]
  /** Environments that were not chosen: checked, not used. */
  readonly others: readonly ConfigLayer[]
  readonly faults: readonly string[]
}

/** Chooses the environment and puts the sources in their order. */
export function readSources(sources: ConfigSources): ReadSources {
  const chosen = sources.environment ?? sources.process['MODELFERRY_ENVIRONMENT']
  const files = [
    { name: sources.names?.local ?? 'the local file', ...splitFile(sources.local) },
    { name: sources.names?.shared ?? 'the shared file', ...splitFile(sources.shared) },
  ]
  const layers = readVariables(sources.process)
  const others: ConfigLayer[] = []
  const faults = unknownVariables(sources.process, [sources.local, sources.shared])
  for (const { name, base, environments, faults: own } of files) {
    faults.push(...own.map((fault) => `${name}: ${fault}`))
    for (const [environment, value] of environments) {
      const layer = { name: `${name}, environment ${environment}`, value }
      ;(environment === chosen ? layers : others).push(layer)
    }
    layers.push({ name, value: base })
  }
  const known = new Set(files.flatMap(({ environments }) => [...environments.keys()]))
  if (chosen !== undefined && !known.has(chosen)) {
    faults.push(
      `environments: there is no ${JSON.stringify(chosen.slice(0, 64))}; known are ${[...known].join(', ') || 'none'}`,
    )
  }
  return { layers, others, faults }
}
