/** What is kept whole beside model files: what hubs say of them, and what runs them. */
export type AnswerKind = 'notes' | 'runtimes'

/**
 * Name of the cache of one kind, for one app: its service worker fills it, its loaders count and clear it.
 *
 * @param scope the app's
 */
export function answerCache(kind: AnswerKind, scope: string): string {
  return `modelferry-${kind}-${scope}`
}
