/** Which build of modelferry runs in a realm. */
export interface RealmVersion {
  readonly protocol: number
  readonly version: string
  readonly build: string
}
