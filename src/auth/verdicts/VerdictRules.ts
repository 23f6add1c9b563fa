/** Lives of verdicts; all in milliseconds, all counted from when the question was asked. */
export interface VerdictRules {
  /** A positive verdict is used without asking. Default: 60000. */
  readonly freshMs: number
  /** After that, it is used while somebody asks again behind it. Default: 240000. */
  readonly staleMs: number
  /** Age up to which a positive verdict is used when asking again failed. Default: 300000. */
  readonly errorMs: number
  /** A negative verdict is used without asking; it has no other use. Default: 10000. */
  readonly invalidMs: number
  /** How far this clock may be ahead of the one that dates revocations. Default: 5000. */
  readonly skewMs: number
}
