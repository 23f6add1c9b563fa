/** Who asks for a file: what the device may answer, and what is sent to the hub. */
export interface Asker {
  /** Under which the hub's answers are kept, and given again. */
  readonly grant: string
  /**
   * The `Authorization` to ask the hub with; undefined: none.
   *
   * @throws FerryError `network` when the page cannot say
   */
  readonly authorization: () => Promise<string | undefined>
  /** The same asker after a 401: with another credential; undefined where there is none. */
  readonly renewed: (refused: string) => Promise<Asker | undefined>
  /** Whether what the hub said may be kept; no longer after a sign-out or for another user. */
  readonly isCurrent: () => Promise<boolean>
}
