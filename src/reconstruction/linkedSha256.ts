/** The SHA-256 in an `X-Linked-ETag`; an `ETag` that looks the same may be another hash. */
export function linkedSha256(linkedEtag: string | undefined): string | undefined {
  return /^(?:W\/)?"?([0-9a-f]{64})"?$/.exec(linkedEtag ?? '')?.[1]
}
