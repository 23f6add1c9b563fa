// Authenticates requests: token and front-end identity of a request become one decision about its limits.
// Runs in browsers, Node and edge runtimes: no Node built-ins, no storage, no timers of its own.
// Start with auth.ts (createAuth). Exports of the entry modelferry/auth are in public.ts.

export { findForgottenProxy, networkGroup, parseTrustedProxies } from './client-address.ts'
export { createAuth, type Auth } from './auth.ts'
export { anonymousDecision, type Decision, type DecisionReason } from './decision.ts'
export { bearerTest } from './digests.ts'
export { publicUrl } from './site.ts'
export type { AuthRequest } from './credential.ts'
export type { ServiceAudit } from './service/endpoint.ts'
export { createIntrospectEndpoint } from './service/introspect-endpoint.ts'
export { readDecision, sealDecision } from './service/sealed-decision.ts'
export { checkCredentials } from './service/signatures.ts'
export { createRequestVerifier } from './service/verifier.ts'
export { type Tier, type TokenValidator, createTokenList } from './token-validation.ts'
export { createIntrospection } from './verdicts/introspection.ts'
export { createRevocationFeed } from './verdicts/revocations.ts'
export { createVerdictCache, type VerdictCacheOptions } from './verdicts/verdict-cache.ts'
