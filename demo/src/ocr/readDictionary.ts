/**
 * The characters the recogniser knows, by class. Class 0 is the blank of CTC decoding; the space is
 * not in the file and comes last. Lines are not trimmed: one of them is an ideographic space.
 *
 * @param text the dictionary file, one character a line
 */
export function readDictionary(text: string): string[] {
  const characters = text.split(/\r?\n/)
  if (characters.at(-1) === '') characters.pop()
  return ['', ...characters, ' ']
}
