// JSON from callers that are not trusted. `JSON.parse` cannot be interrupted, and its time grows with the number of
// values rather than with the length: a megabyte of brackets holds an event loop for a tenth of a second.

const MOST_VALUES = 50_000
const DEEPEST = 64

/**
 * Parses JSON with bounded work. The caller must bound the length of the text.
 *
 * @param text at most 50,000 values, nested at most 64 deep
 * @throws SyntaxError when it is not JSON, or has more values
 * @example parseBounded('{"paths":["a"]}') // { paths: ['a'] }
 */
export function parseBounded(text: string): unknown {
  let values = 1
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = endOfText(text, at)
    else if (code === COMMA) values++
    else if (code === BRACKET || code === BRACE) {
      values++
      depth++
    } else if (code === BRACKET + 2 || code === BRACE + 2) depth--
    if (values > MOST_VALUES || depth > DEEPEST) {
      throw new SyntaxError(
        `JSON may have at most ${MOST_VALUES} values, nested at most ${DEEPEST} deep.`,
      )
    }
  }
  return JSON.parse(text)
}

const QUOTE = 0x22
const COMMA = 0x2c
const BRACKET = 0x5b
const BRACE = 0x7b
const BACKSLASH = 0x5c

/** Offset of the quote that ends a text; the length of the input when there is none. */
function endOfText(text: string, begin: number): number {
  for (let end = begin; ;) {
    end = text.indexOf('"', end + 1)
    if (end < 0) return text.length
    let escapes = 0
    while (text.charCodeAt(end - 1 - escapes) === BACKSLASH) escapes++
    if (escapes % 2 === 0) return end
  }
}
