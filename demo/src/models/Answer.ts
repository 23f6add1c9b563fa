/** How one model file reached the model code. */
export interface Answer {
  url: string
  /** The `x-modelferry` header; null when the network answered and not the service worker. */
  source: string | null
  bytes: number
  /** From the request to the last byte. */
  tookMs: number
}
