import * as v from 'valibot'

/** One of these words. */
export function oneOf<const Word extends string>(...words: Word[]): v.GenericSchema<Word> {
  return v.picklist(words, `expected one of ${words.join(', ')}`)
}
