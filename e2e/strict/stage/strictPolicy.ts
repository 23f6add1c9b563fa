import type { Stage } from '../../stage/Stage.ts'
import type { StagePage } from '../../stage/StagePage.ts'

/** Changes to the policy; undefined: the directive is omitted. */
export interface PolicyChange {
  readonly script?: string
  readonly worker?: string
  readonly connect?: string
  /** Further directives. */
  readonly more?: string
}

/** The strictest policy under which everything works, with the given changes. */
export function strictPolicy(
  { hub }: Stage<StagePage>,
  change: PolicyChange = {},
): Record<string, string> {
  const {
    script = "'self'",
    worker = "'self'",
    connect = `'self' ${hub.url} ${hub.storageUrl}`,
    more = '',
  } = change
  const policy = `default-src 'none'; script-src ${script}; worker-src ${worker}; connect-src ${connect}; ${more}`
  return { 'content-security-policy': policy }
}
