/** Which keys were revoked, and since when. */
export interface Revocations {
  /**
   * @param keyId of the token, as its validator named it; else the first 8 hex digits of its SHA-256
   * @returns epoch milliseconds: verdicts that were given before do not count; undefined: not revoked
   */
  revokedSince(keyId: string): number | undefined
}
