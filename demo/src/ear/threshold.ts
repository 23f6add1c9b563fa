/** From this probability on, a window counts as speech. */
export const threshold = 0.5
