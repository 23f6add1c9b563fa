import type { ConfigLayer } from './ConfigLayer.ts'
import { formatPath } from './formatPath.ts'
import { isSection } from './isSection.ts'

/** What all layers say together. */
export interface MergedLayers {
  readonly value: unknown
  /** Which layer each entry came from, by its place as in `queue.scaling.mode`. */
  readonly origins: ReadonlyMap<string, string>
}

/** Deeper than any entry of a configuration, and far from the end of the stack: files may hold anything. */
const maxDepth = 16

/**
 * The one precedence. Of every entry, the first layer that has it is believed. Objects are joined entry by entry;
 * everything else, lists too, is taken whole: a list of one layer never grows by the items of another.
 *
 * @param layers the strongest first; none is changed
 * @example mergeLayers([{ name: 'a', value: { x: 1 } }, { name: 'b', value: { x: 2, y: 3 } }]).value // { x: 1, y: 3 }
 */
export function mergeLayers(layers: readonly ConfigLayer[]): MergedLayers {
  const origins = new Map<string, string>()
  const present = layers.filter(({ value }) => value !== undefined)
  return { value: present.length === 0 ? {} : merge(present, [], origins), origins }
}

function merge(
  layers: readonly ConfigLayer[],
  path: readonly string[],
  origins: Map<string, string>,
): unknown {
  const end = layers.findIndex(({ value }) => !isSection(value))
  const sections = (end === -1 ? layers : layers.slice(0, end)).map(({ name, value }) => ({
    name,
    value: value as Readonly<Record<string, unknown>>,
  }))
  if (sections.length === 0 || path.length === maxDepth) {
    origins.set(formatPath(path), layers[0]?.name ?? '')
    return layers[0]?.value
  }
  const keys = new Set(sections.flatMap(({ value }) => Object.keys(value)))
  // Unlike an assignment, this makes even `__proto__` an entry of its own, for the schema to refuse.
  return Object.fromEntries(
    [...keys].flatMap((key) => {
      const said = sections
        .filter(({ value }) => Object.hasOwn(value, key) && value[key] !== undefined)
        .map(({ name, value }) => ({ name, value: value[key] }))
      return said.length === 0 ? [] : [[key, merge(said, [...path, key], origins)]]
    }),
  )
}
