/** Whether a file holds decisions: it has one of their lists, or what they are decided with. */
export function isAuthFile(text: string): boolean {
  try {
    const file: unknown = JSON.parse(text)
    if (typeof file !== 'object' || file === null) return false
    return ['config', 'cases', 'sweeps', 'configCases'].some((key) => Object.hasOwn(file, key))
  } catch {
    return false
  }
}
