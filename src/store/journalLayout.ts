/**
 * The journal's bytes, little-endian. A file is a sequence of records, each
 *
 *     u32 length of the body   u32 CRC-32 of the length and the body   body
 *
 * A body is a kind byte and then, for a run:
 *
 *     u8 has a xorb   u32 first chunk   f64 offset   32 B xorb   u32 parts   u32 rows
 *     parts: u8 length of the name, name (ASCII), f64 offset, f64 at, f64 length
 *     rows: 32 B hash, u32 length
 *
 * and for a drop: f64 offset, f64 length. Appending is all that is ever done to it. Reading stops at the
 * first record that is cut short or does not match its sum: what follows was never acknowledged.
 */
export const journalLayout = {
  head: 8,
  run: 1,
  drop: 2,
  runHead: 54,
  partTail: 24,
  row: 36,
  dropBody: 17,
} as const
