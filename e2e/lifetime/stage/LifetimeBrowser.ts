/** What the lifetime tests run in. */
export type LifetimeBrowser = 'chromium' | 'firefox'
