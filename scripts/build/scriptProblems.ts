import { Script } from 'node:vm'

/**
 * Checks a file that a browser loads as it is: a classic script with everything inside.
 *
 * @param name for the message
 * @param text its source
 * @returns one sentence for each thing that would fail in a browser
 */
export function scriptProblems(name: string, text: string): string[] {
  const problems: string[] = []
  try {
    // Compiled, never run: an import or export that was left in is a syntax error in a classic script.
    void new Script(text, { filename: name })
  } catch (error) {
    problems.push(`${name} is no classic script: ${String(error)}`)
  }
  for (const [left] of text.matchAll(/process\.env|import\.meta|\b__(?:VERSION|BUILD)__\b(?!:)/g)) {
    problems.push(`${name} still says ${left}, which no browser knows`)
  }
  return problems
}
