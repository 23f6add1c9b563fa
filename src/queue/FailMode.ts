/**
 * What a queue does while its store fails: `local` limits within this process, `open` lets everybody start (waiting
 * bounds and the whole queue's limit still hold), `closed` refuses.
 */
export type FailMode = 'local' | 'open' | 'closed'
