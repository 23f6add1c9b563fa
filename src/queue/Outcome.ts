/**
 * How a task ended, for whoever scales: `overload` means that what it needed was overloaded (429, 503, 504, or no
 * answer in time); `client-error` and `cancelled` say nothing about load.
 */
export type Outcome = 'ok' | 'client-error' | 'overload' | 'cancelled'
