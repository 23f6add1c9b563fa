/** Whether a file contains decisions: one of their lists, or their configuration. */
export function isAuthFile(text: string): boolean {
  try {
    const file: unknown = JSON.parse(text)
    if (typeof file !== 'object' || file === null) return false
    return ['config', 'cases', 'sweeps', 'configCases'].some((key) => Object.hasOwn(file, key))
  } catch {
    return false
  }
}
