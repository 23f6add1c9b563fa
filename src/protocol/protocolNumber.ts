/**
 * Grows when page, loader and service worker of two releases could misunderstand each other: with every field of what
 * crosses the channel that one of them leaves out and the other one reads. See decision 0025.
 */
export const protocolNumber = 1
