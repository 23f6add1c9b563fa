/** Grows when page, loader and service worker of two releases could misunderstand each other. */
export const protocolNumber = 1
