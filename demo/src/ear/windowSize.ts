/** Silero listens to so many samples at a time (32 ms at 16 kHz) and gives one probability for them. */
export const windowSize = 512
