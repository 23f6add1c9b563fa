// Sends one HTTP request with time limits, and has the policies around it: retry, back-off, single flight.
// Takes fetch and the clock from its caller; knows no hubs and no files.
// Start with attempt.ts (one request), then retry.ts.

export {
  attempt,
  type ResponseHead,
  defaultRetry,
  ownFragment,
  type Fetch,
  type Net,
  type RetryPolicy,
} from './attempt.ts'
export { Backoff, secondsOf, type CallOptions, type Pause, type Waiting } from './backoff.ts'
export {
  readAtMost,
  readJson,
  hostOf,
  httpError,
  isTransient,
  networkError,
  noAnswer,
  noAnswerError,
  refusalError,
  describeRefusal,
} from './errors.ts'
export { SharedCalls, retryDelay, retrying } from './retry.ts'
