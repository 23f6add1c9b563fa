import { FerryError } from '../core/FerryError.ts'
import { findJsonFault } from './findJsonFault.ts'

/**
 * Reads a JSON file's text. A byte order mark before it is dropped: some editors write one.
 *
 * @param name what the file is called in errors
 * @throws FerryError `configuration` naming file, line and column, counted from 1; it quotes nothing but names
 * @example parseJson('{ "realm": }', 'gateway.json') // gateway.json, line 1, column 12: expected a value
 */
export function parseJson(text: string, name: string): unknown {
  const json = text.replace(/^\uFEFF/, '')
  const fault = findJsonFault(json)
  if (!fault) return JSON.parse(json)
  const lines = json.slice(0, fault.index).split('\n')
  const column = (lines.at(-1)?.length ?? 0) + 1
  throw new FerryError(
    'configuration',
    `${name}, line ${lines.length}, column ${column}: this is not JSON, ${fault.why}. Correct the file and start again.`,
  )
}
