/** Addresses that the gateway answers itself. Those that are left out do not exist. */
export interface Endpoints {
  /** What `GET /.well-known/modelferry-policy` tells everybody. */
  readonly policy?: () => object
  /** What `GET /metrics` tells those who may read it; the text format of Prometheus. */
  readonly metrics?: {
    readonly render: () => string
    /** What `GET /usage` tells the same people: who used how much today. */
    readonly usage?: () => object
    /** Default: {@link mayReadMetrics} without tokens. */
    readonly mayRead?: (request: Request, peer: string | null) => boolean
  }
  /** Further ones by their path; they see who is asking to themselves, and wait in no queue. */
  readonly more?: Readonly<Record<string, (request: Request) => Promise<Response>>>
}
