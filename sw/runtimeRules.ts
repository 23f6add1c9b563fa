import type { AnswerRules } from './Answers.ts'

/**
 * Runtimes from CDNs by exact version: asked for once. Script tags of other origins ask in a way that hides the
 * answer even from us, so that all are asked for by CORS, which these CDNs allow to everybody.
 */
export const runtimeRules: AnswerRules = {
  kind: 'runtimes',
  most: 40,
  largest: 256 * 2 ** 20,
  isKept: ({ status, type }) => status === 200 && type !== 'opaque',
  isFresh: () => true,
  ask: ({ url }) => new Request(url, { mode: 'cors', credentials: 'omit' }),
  // Streaming compilation insists on a type that not every CDN knows.
  typed: true,
}
