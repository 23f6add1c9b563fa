/** Possible paths of programs on PATH: the first name in all folders, then the second. */
export function onPath(
  names: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  const folders = (env['PATH'] ?? '').split(':').filter((folder) => folder !== '')
  return names.flatMap((name) => folders.map((folder) => `${folder}/${name}`))
}
