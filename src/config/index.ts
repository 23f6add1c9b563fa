// Reads gateway.json, environment variables and flags into one checked configuration.
// One schema, one loader, one precedence; knows no server.
// Start with load.ts (loadConfig), then schema.ts.

export { parseJson, explainConfig, loadConfig } from './load.ts'
export { publishedPolicy, tierLimits } from './tiers.ts'
export { foreignVariables, gatewayVariables } from './variables.ts'
export type {
  AuthConfig,
  CallerKey,
  ConfigSources,
  CostConfig,
  GatewayConfig,
  IntrospectConfig,
  NetworkConfig,
  QueueConfig,
  ServiceConfig,
  TokenConfig,
} from './types.ts'
