/** `fetch` as it is injected: always an address, never a `Request` (a signed URL stays a string). */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>
