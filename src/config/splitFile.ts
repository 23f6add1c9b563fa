import { isSection } from './isSection.ts'

/** A file, taken apart. */
export interface ConfigFile {
  readonly base: unknown
  readonly environments: ReadonlyMap<string, unknown>
  /** What is wrong with `environments` itself. */
  readonly faults: readonly string[]
}

/** Parts a file's environments from its base. Their entries are not looked at. */
export function splitFile(file: unknown): ConfigFile {
  const none = new Map<string, unknown>()
  if (!isSection(file) || !Object.hasOwn(file, 'environments')) {
    return { base: file, environments: none, faults: [] }
  }
  const { environments, ...base } = file
  if (!isSection(environments)) {
    return { base, environments: none, faults: ['environments: expected an object'] }
  }
  const names = Object.keys(environments)
  const faults = names
    .filter((name) => !/^[a-z0-9][a-z0-9-]{0,31}$/i.test(name))
    .map(
      (name) =>
        `environments[${JSON.stringify(name.slice(0, 64))}]: expected a name of 1 to 32 letters, digits and hyphens`,
    )
  return { base, environments: new Map(Object.entries(environments)), faults }
}
