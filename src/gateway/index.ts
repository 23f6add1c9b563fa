// Puts authentication, queueing, CORS and logging in front of any (Request) => Promise<Response>.
// Runs wherever Request and Response exist; from-config.ts turns gateway.json into options.
// Start with gateway.ts (pipeline); problems.ts has the status and text of every refusal. This file is the package entry modelferry/gateway.

export { type ConfiguredGateway, gatewayFromConfig, type GatewayParts } from './from-config.ts'
export { createGateway, type Gateway } from './gateway.ts'
export type { GatewayOptions } from './options.ts'
export type { Rollout } from './decide.ts'
export type { Service, ServiceContext } from './service.ts'
export type { Completion, Observer } from './record.ts'
export { type Endpoints, mayReadMetrics } from './endpoints.ts'
export { type ProxyOptions, proxyService } from './proxy.ts'

// The content of `gateway.json`, and its loader.
export {
  type AuthConfig,
  type ConfigSources,
  explainConfig,
  type GatewayConfig,
  type IntrospectConfig,
  loadConfig,
  parseJson,
  publishedPolicy,
  tierLimits,
  type TokenConfig,
} from '../config/index.ts'
