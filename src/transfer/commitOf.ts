import type { FileVerdict } from './FileVerdict.ts'

/**
 * The commit that a hub's answer about a file is of; a 404 may say it too.
 *
 * @returns 40 hex; undefined where the server tells none
 */
export function commitOf(answer: FileVerdict): string | undefined {
  const commit =
    'info' in answer
      ? answer.info.commit
      : answer.refusal.status === 404 &&
        answer.refusal.headers.find(([name]) => name === 'x-repo-commit')?.[1]
  return commit && /^[0-9a-f]{40}$/.test(commit) ? commit : undefined
}
