import type { FilePart } from './FilePart.ts'

/**
 * The fewest parts that hold the same bytes: none overlap, neighbours that also lie side by side in their
 * file become one. Where two parts hold the same stretch, either will do: both were hashed.
 *
 * @returns by ascending offset
 */
export function mergeParts(parts: readonly FilePart[]): readonly FilePart[] {
  const merged: FilePart[] = []
  for (const part of parts.toSorted((a, b) => a.offset - b.offset)) {
    const last = merged.at(-1)
    const end = last === undefined ? 0 : last.offset + last.length
    const surplus = Math.max(0, end - part.offset)
    if (surplus >= part.length) continue
    const rest = {
      name: part.name,
      offset: part.offset + surplus,
      at: part.at + surplus,
      length: part.length - surplus,
    }
    const joins =
      last !== undefined &&
      last.name === rest.name &&
      end === rest.offset &&
      last.at + last.length === rest.at
    if (joins) merged.splice(-1, 1, { ...last, length: last.length + rest.length })
    else merged.push(rest)
  }
  return merged
}
