/** Pieces at the start of a vocabulary that represent no text. */
const RESERVED = 6

/**
 * Splits a sentence into the most likely pieces: SentencePiece's unigram model.
 *
 * @param vocabulary pieces with the logarithm of their probability, as shipped with the model
 * @returns indexes in the vocabulary; 0 for unknown text
 */
export function splitWords(
  sentence: string,
  vocabulary: readonly (readonly [string, number])[],
): number[] {
  const places = new Map(vocabulary.slice(RESERVED).map(([piece], at) => [piece, at + RESERVED]))
  const symbols = Array.from(`▁${sentence.normalize('NFKC').replaceAll(' ', '▁')}`)
  const best = [{ score: 0, start: 0, place: 0 }]
  for (let end = 1; end <= symbols.length; end++) {
    best[end] = { score: best[end - 1]!.score - 100, start: end - 1, place: 0 }
    for (let start = 0; start < end; start++) {
      const place = places.get(symbols.slice(start, end).join(''))
      if (place === undefined) continue
      const score = best[start]!.score + vocabulary[place]![1]
      if (score > best[end]!.score) best[end] = { score, start, place }
    }
  }
  const split: number[] = []
  for (let end = symbols.length; end > 0; end = best[end]!.start) split.unshift(best[end]!.place)
  return split
}
