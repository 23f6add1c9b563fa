/**
 * Says when somebody gives up: a signal, or what makes one. Servers make the signal of a request when it is asked for,
 * which costs more than an admission; so a function is called only for those who wait, or whose work asks.
 */
export type Caller = AbortSignal | (() => AbortSignal)
