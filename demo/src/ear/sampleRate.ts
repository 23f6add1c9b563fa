/** Sample rate of the voice detector, samples per second. Every clip is converted to it. */
export const sampleRate = 16_000
