/** Where programs of these names would lie on PATH, the first name in all folders before the second. */
export function onPath(
  names: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  const folders = (env['PATH'] ?? '').split(':').filter((folder) => folder !== '')
  return names.flatMap((name) => folders.map((folder) => `${folder}/${name}`))
}
