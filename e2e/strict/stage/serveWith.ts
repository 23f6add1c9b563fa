import type { Stage } from '../../stage/Stage.ts'

/** Adds headers to what the stage's site answers: to every file, or only to the one under a path. */
export function serveWith(stage: Stage, headers: Record<string, string>, only?: string): void {
  const { answers } = stage.site
  for (const [path, answer] of answers) {
    if (only !== undefined && path !== only) continue
    answers.set(path, { ...answer, headers: { ...answer.headers, ...headers } })
  }
}
