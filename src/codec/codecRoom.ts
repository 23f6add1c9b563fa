/**
 * Who has which part of a {@link Codec}'s memory, as addresses. Vectors reach over the end of what they work
 * on, so 64 bytes are free behind each of the large parts. Below the first the module keeps its own.
 */
export const codecRoom: Readonly<
  Record<'keys' | 'state' | 'constants' | 'input' | 'grouped' | 'output', number>
> = {
  /** Four keys of 32 bytes. */
  keys: 16_384,
  state: 16_512,
  constants: 16_544,
  /** 262,144 bytes: the longest payload of a chunk record. */
  input: 16_896,
  /** 131,072 bytes: the longest chunk, its bytes still grouped. */
  grouped: 279_104,
  /** 131,072 bytes: the longest chunk. */
  output: 410_240,
}
