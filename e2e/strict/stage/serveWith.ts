import type { Stage } from '../../stage/Stage.ts'
import type { StagePage } from '../../stage/StagePage.ts'

/** Adds headers to responses of the stage's site: to all, or only to one path. */
export function serveWith(
  stage: Stage<StagePage>,
  headers: Record<string, string>,
  only?: string,
): void {
  const { answers } = stage.site
  for (const [path, answer] of answers) {
    if (only !== undefined && path !== only) continue
    answers.set(path, { ...answer, headers: { ...answer.headers, ...headers } })
  }
}
