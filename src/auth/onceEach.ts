/**
 * Passes one name of each owner on, and remembers a bounded number of owners.
 *
 * @param limit owners; the oldest is forgotten, and may be told of again
 * @returns never throws, whatever the listener does. A name without an owner is its own
 */
export function onceEach(
  tell: ((name: string) => void) | undefined,
  limit = 10_000,
): (name: string, owner?: string) => void {
  const told = new Set<string>()
  return (name, owner = name) => {
    if (tell === undefined || told.has(owner)) return
    told.add(owner)
    if (told.size > limit) for (const oldest of told.keys()) if (told.delete(oldest)) break
    try {
      tell(name)
    } catch {
      // A listener's fault is no reason to answer somebody else's request differently.
    }
  }
}
