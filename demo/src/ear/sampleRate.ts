/** What the voice detector listens at, in samples a second. Every clip is brought to it. */
export const sampleRate = 16_000
