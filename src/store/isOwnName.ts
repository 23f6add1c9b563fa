const uuid = /[.-][\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/

/**
 * Whether a name in the store's folder is one that this release gives: a model file's folder, or what was made to
 * try something out. Other names are those of a newer release that this one has taken the place of.
 */
export function isOwnName(name: string): boolean {
  return uuid.test(name)
}
