/**
 * Passes every name on once, and remembers a bounded number of them.
 *
 * @param limit names; the oldest is forgotten, and may be told again
 * @returns never throws, whatever the listener does
 */
export function onceEach(
  tell: ((name: string) => void) | undefined,
  limit = 10_000,
): (name: string) => void {
  const told = new Set<string>()
  return (name) => {
    if (tell === undefined || told.has(name)) return
    told.add(name)
    if (told.size > limit) for (const oldest of told.keys()) if (told.delete(oldest)) break
    try {
      tell(name)
    } catch {
      // A listener's fault is no reason to answer somebody else's request differently.
    }
  }
}
