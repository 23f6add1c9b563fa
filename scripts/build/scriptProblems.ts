import { Script } from 'node:vm'

/**
 * Checks a file that a browser loads as it is: it must be a self-contained classic script.
 *
 * @param name for the message
 * @param text its source
 * @returns one sentence for each problem in a browser
 */
export function scriptProblems(name: string, text: string): string[] {
  const problems: string[] = []
  try {
    // Compiled, not run: a remaining import or export is a syntax error in a classic script.
    void new Script(text, { filename: name })
  } catch (error) {
    problems.push(`${name} is not a classic script: ${String(error)}`)
  }
  for (const [left] of text.matchAll(/process\.env|import\.meta|\b__(?:VERSION|BUILD)__\b(?!:)/g)) {
    problems.push(`${name} still contains ${left}, which no browser defines`)
  }
  return problems
}
