// Puts authentication, queueing, CORS and logging in front of any (Request) => Promise<Response>.
// Runs wherever Request and Response exist; from-config.ts turns gateway.json into options.
// Start with gateway.ts (pipeline). Exports of the entry modelferry/gateway are in public.ts.

export { type ConfiguredGateway, gatewayFromConfig, type GatewayParts } from './from-config.ts'
