// Values and small helpers without I/O: bytes and their ranges, typed errors, time limits, bounded reading.
// Imports no other module folder and nothing that exists in one realm only.
// Start with errors.ts (FerryError), then async.ts (every wait ends).

export {
  alarm,
  inTime,
  orAborted,
  parseBounded,
  parseRetryAfter,
  readBounded,
  sleep,
  streamParts,
  systemClock,
  tell,
  withTimeout,
  type Clock,
} from './async.ts'
export {
  bytesOfHex,
  ByteSet,
  contentRange,
  hexOf,
  overlaps,
  requestedRange,
  type ByteRange,
} from './bytes.ts'
export {
  FerryError,
  redactSecrets,
  redactUrl,
  secretName,
  type FerryErrorCode,
  type FerryErrorOptions,
} from './errors.ts'
