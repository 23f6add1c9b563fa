import { assembleConfig } from './assembleConfig.ts'
import type { ConfigSources } from './ConfigSources.ts'
import { isSection } from './isSection.ts'

/**
 * Says where each entry of a configuration came from, and no value: it may be shown to anybody.
 *
 * @returns place to source, `default` where nobody said anything; a list is one entry
 * @throws FerryError `configuration` as {@link loadConfig} does
 * @example explainConfig(sources)['queue.concurrency'] // 'the variable MODELFERRY_QUEUE_CONCURRENCY'
 */
export function explainConfig(sources: ConfigSources): Readonly<Record<string, string>> {
  const { config, origins } = assembleConfig(sources)
  return Object.fromEntries(
    places(config, []).map((place) => [place, origins.get(place) ?? 'default']),
  )
}

function places(value: unknown, path: readonly string[]): string[] {
  if (!isSection(value)) return [path.join('.')]
  return Object.entries(value).flatMap(([key, item]) => places(item, [...path, key]))
}
