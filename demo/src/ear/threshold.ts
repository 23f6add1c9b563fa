/** From this probability on, a window is rather speech than not. */
export const threshold = 0.5
