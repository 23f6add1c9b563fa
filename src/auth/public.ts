export {
  type Address,
  type AddressRange,
  networkGroup,
  parseTrustedProxies,
  type TrustedProxies,
} from './client-address.ts'
export { type Auth, createAuth, type AuthOptions } from './auth.ts'
export type { AuthRequest, CredentialSource } from './credential.ts'
export type { Decision, DecisionReason } from './decision.ts'
export { legacyHashes, type LegacyHashesOptions } from './digests.ts'
export { parseHostList, publicUrl } from './site.ts'
export {
  type Tier,
  type TokenValidator,
  type Verdict,
  createTokenList,
  type ListedToken,
  type TimedVerdict,
} from './token-validation.ts'

// Token validation: by a list, by another service, with a cache.
export { createIntrospection, type IntrospectionOptions } from './verdicts/introspection.ts'
export {
  createRevocationFeed,
  type RevocationFeed,
  type RevocationFeedOptions,
  type Revocations,
} from './verdicts/revocations.ts'
export {
  createVerdictCache,
  type CacheOutcome,
  type VerdictCacheOptions,
  type VerdictRules,
} from './verdicts/verdict-cache.ts'

// Requests between services: signatures, sealed decisions, endpoints.
export {
  createIntrospectEndpoint,
  type IntrospectEndpointOptions,
  createSiteLookup,
  type RegisteredSite,
  type SiteLookupOptions,
} from './service/introspect-endpoint.ts'
export {
  createRequestVerifier,
  type RequestVerifierOptions,
  type VerifyFault,
  type RequestVerifier,
  type Verification,
  type VerifyLimits,
} from './service/verifier.ts'
export { openDecision, type OpenedDecision, sealDecision } from './service/sealed-decision.ts'
export {
  type RequestParts,
  type ServiceCredential,
  signatureHeaders,
  type SignOptions,
  signRequest,
} from './service/signatures.ts'
export type { ServiceAudit, ServiceResult, ServiceEndpointOptions } from './service/endpoint.ts'
