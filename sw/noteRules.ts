import { isFresh } from '../src/transfer/isFresh.ts'
import type { AnswerRules } from './Answers.ts'

/**
 * Listings, pointers and small files of hubs, as they are told to anybody: believed as long as what a branch
 * leads to. That a file is missing is an answer too, since libraries ask for files that need not be there.
 */
export const noteRules: AnswerRules = {
  kind: 'notes',
  most: 500,
  largest: 4 * 2 ** 20,
  isKept: ({ status, headers }) => {
    // A repository or revision that is not there may be pushed, under this very commit.
    const error = headers.get('x-error-code') ?? 'EntryNotFound'
    return status === 200 || (status === 404 && error === 'EntryNotFound')
  },
  isFresh: (url, checkedAt, now) => isFresh({ url, checkedAt }, now),
  // Cookies would make of the answer one for whoever is signed in.
  ask: (request) => new Request(request, { credentials: 'omit' }),
}
