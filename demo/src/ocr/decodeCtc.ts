/** One line of writing as the recogniser read it. `confidence` lies between 0 and 1. */
export interface DecodedLine {
  text: string
  confidence: number
}

/**
 * Greedy CTC decoding: the likeliest class of each time step, repetitions merged, blanks dropped.
 * The confidence is the mean probability of the steps with a character.
 *
 * @param probabilities one row of class probabilities per time step
 * @param dictionary the character of each class; class 0 is the blank
 * @throws RangeError when the probabilities are not a whole number of rows
 */
export function decodeCtc(probabilities: Float32Array, dictionary: readonly string[]): DecodedLine {
  const classes = dictionary.length
  if (classes === 0 || probabilities.length % classes !== 0) {
    throw new RangeError(
      `${probabilities.length} probabilities cannot be split into rows of ${classes} classes: ` +
        'the dictionary does not belong to this model.',
    )
  }
  let [text, sum, count, previous] = ['', 0, 0, 0]
  for (let start = 0; start < probabilities.length; start += classes) {
    const best = likeliest(probabilities, start, classes)
    if (best !== 0 && best !== previous) {
      text += dictionary[best] ?? ''
      sum += probabilities[start + best] ?? 0
      count += 1
    }
    previous = best
  }
  return { text: text.trim(), confidence: count === 0 ? 0 : sum / count }
}

function likeliest(probabilities: Float32Array, start: number, classes: number): number {
  let best = 0
  for (let candidate = 1; candidate < classes; candidate += 1) {
    if ((probabilities[start + candidate] ?? 0) > (probabilities[start + best] ?? 0)) {
      best = candidate
    }
  }
  return best
}
