/**
 * Thrown by whatever finds that a request cannot be served; becomes the answer. `code` is the
 * `X-Error-Code` of the hub, where it has one.
 */
export class HubRefusal extends Error {
  override readonly name = 'HubRefusal'
  readonly status: number
  readonly code: string | undefined
  readonly headers: Readonly<Record<string, string>>

  /**
   * @param status HTTP status, 400 to 599
   * @param message what is wrong and, where it helps, what would be right; reaches the client
   * @param code value of `X-Error-Code`
   * @param headers further headers
   */
  constructor(
    status: number,
    message: string,
    code?: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message)
    this.status = status
    this.code = code
    this.headers = headers
  }
}
