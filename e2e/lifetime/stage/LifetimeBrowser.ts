/** Browsers of the lifetime tests. */
export type LifetimeBrowser = 'chromium' | 'firefox'
