/** A step of the limit, and why: something was overloaded, it became slow, or there was need for more. */
export interface ScalingChange {
  readonly from: number
  readonly to: number
  readonly why: 'overload' | 'latency' | 'utilisation'
}
