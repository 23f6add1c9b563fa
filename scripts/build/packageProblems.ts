import type { PackageEntry } from './packageEntries.ts'

/** The parts of package.json that are checked here. */
export interface Manifest {
  exports: Record<string, string | Record<string, string>>
  bin: Record<string, string>
  types: string
  unpkg: string
  jsdelivr: string
}

/**
 * Compares package.json with the outputs of the build.
 *
 * @param manifest package.json
 * @param entries outputs of the build
 * @param exists whether a file exists, by its path from the package's root (`./dist/…`)
 * @returns one sentence for each difference
 */
export function packageProblems(
  manifest: Manifest,
  entries: readonly PackageEntry[],
  exists: (file: string) => boolean,
): string[] {
  const problems: string[] = []
  const promised = new Map(
    Object.entries(manifest.exports).map(([subpath, target]) => [
      subpath,
      typeof target === 'string' ? { default: target } : target,
    ]),
  )
  promised.delete('./package.json')

  for (const { subpath, name, source, types } of entries) {
    if (subpath === undefined) continue
    const target = promised.get(subpath)
    promised.delete(subpath)
    const wanted = {
      ...(types && { types: `./dist/types/${source.replace(/\.ts$/, '.d.ts')}` }),
      default: `./dist/${name}.js`,
    }
    if (JSON.stringify(target) === JSON.stringify(wanted)) continue
    problems.push(`exports["${subpath}"] must be ${JSON.stringify(wanted)}`)
  }
  for (const subpath of promised.keys()) {
    problems.push(`exports["${subpath}"] is not an entry of the build`)
  }

  const { exports, bin, types, unpkg, jsdelivr } = manifest
  const targets = Object.values(exports).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  )
  for (const file of new Set([...targets, ...Object.values(bin), types, unpkg, jsdelivr])) {
    if (!exists(file)) problems.push(`${file} is named in package.json and does not exist`)
  }
  return problems
}
