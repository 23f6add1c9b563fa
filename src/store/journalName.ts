/**
 * Name of a journal file inside a model file's folder. Every generation of writers has its own, so that
 * one that was superseded and does not know it yet writes where nobody looks.
 */
export function journalName(generation: number, index: number): string {
  return `${generation}.${index}.journal`
}
