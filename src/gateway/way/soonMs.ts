/**
 * Milliseconds in which it is not looked whether the client is still there. Most answers are ready in the turn in which
 * they were asked for, and in it no news could come of anybody; the signal to listen to costs more than they do.
 */
export const soonMs = 1
