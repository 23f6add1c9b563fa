/** The package's version, put in by the build. */
declare const __VERSION__: string

/**
 * Names the sources that page, loader and service worker were built from, put in by the build. Equal on
 * both ends of a channel when they belong together.
 */
declare const __BUILD__: string
