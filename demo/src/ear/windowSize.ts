/** Samples of one window (32 ms at 16 kHz), for which Silero returns one probability. */
export const windowSize = 512
