/** What goes wrong. Offsets count bytes of the answer's body. */
export type FaultAction =
  /** Another status in place of the answer, with the refusal body of that place. */
  | {
      readonly do: 'status'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
    }
  /** The connection is destroyed after so many bytes. */
  | { readonly do: 'cut'; readonly after: number }
  /** The body ends cleanly after so many bytes, and `Content-Length` says that this is all. */
  | { readonly do: 'short'; readonly after: number }
  /** One bit of the byte at this offset is flipped. */
  | { readonly do: 'flip'; readonly at: number }
  /** One bit in the middle of the first chunk that is stored with this compression scheme is flipped. */
  | { readonly do: 'flip'; readonly scheme: 0 | 1 | 2 }
  /** Two chunk records change places; counted from 0 within the body. */
  | { readonly do: 'swap'; readonly first: number; readonly second: number }
  /** Nothing comes for a while after so many bytes. */
  | { readonly do: 'stall'; readonly after: number; readonly ms: number }
  /** The whole answer comes later. */
  | { readonly do: 'delay'; readonly ms: number }
  /** The answer carries no CORS headers: a page of another origin sees a network error. */
  | { readonly do: 'drop-cors' }
