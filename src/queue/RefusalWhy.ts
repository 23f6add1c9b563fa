/**
 * Why the queue let nobody in: `waiting` too many of this key wait; `wait` it would take too long; `total` too many
 * wait at all; `keys` too many keys have work; `store` the limit store failed and the queue is closed by its
 * `failMode`; `closed` the queue ended. The first two are the key's own doing (429), the others are not (503).
 */
export type RefusalWhy = 'waiting' | 'wait' | 'total' | 'keys' | 'store' | 'closed'
