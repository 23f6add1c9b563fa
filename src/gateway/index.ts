// Authentication, queueing, CORS and logging in front of any (Request) => Promise<Response>.
// Runs wherever Request and Response exist; gateway.json is turned into options by from-config.ts.
// Start with gateway.ts (pipeline). What users of modelferry/gateway get is in public.ts.

export { type ConfiguredGateway, gatewayFromConfig, type GatewayParts } from './from-config.ts'
