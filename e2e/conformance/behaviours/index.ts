import type { Behaviour } from '../behaviour.ts'
import { changes } from './changes.ts'
import { encodings } from './encodings.ts'
import { errors } from './errors.ts'
import { framing } from './framing.ts'
import { hub } from './hub.ts'
import { lies } from './lies.ts'
import { negotiation } from './negotiation.ts'
import { ranges } from './ranges.ts'
import { redirects } from './redirects.ts'
import { validators } from './validators.ts'

/** All servers, by topic. */
export const behaviours: Readonly<Record<string, readonly Behaviour[]>> = {
  encodings,
  framing,
  ranges,
  validators,
  redirects,
  negotiation,
  errors,
  lies,
  changes,
  hub,
}
