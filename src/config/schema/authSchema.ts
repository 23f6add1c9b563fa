import * as v from 'valibot'
import type { AuthConfig } from '../AuthConfig.ts'
import { digest } from './digest.ts'
import { hostName } from './hostName.ts'
import { httpUrl } from './httpUrl.ts'
import { isoDate } from './isoDate.ts'
import { keyId } from './keyId.ts'
import { listOf } from './listOf.ts'
import { oneOf } from './oneOf.ts'
import { secretText } from './secretText.ts'
import { sectionOf } from './sectionOf.ts'
import { textLike } from './textLike.ts'
import { yesOrNo } from './yesOrNo.ts'

const name = textLike(
  /^[^\p{C}\p{Zl}\p{Zp}]{1,200}$/u,
  'a text of 1 to 200 characters, none of them a line end',
)

const token = sectionOf({
  sha256: digest,
  sub: name,
  tier: v.exactOptional(oneOf('seed', 'flower', 'nectar')),
  keyId: v.exactOptional(keyId),
  username: v.exactOptional(name),
  scope: v.exactOptional(listOf(textLike(/^[!#-[\]-~]+$/, 'a scope without blanks and quotes'))),
  expires: v.exactOptional(isoDate),
})

const introspect = sectionOf({
  url: httpUrl,
  keyId,
  secret: secretText(32),
  revocationsUrl: v.exactOptional(httpUrl),
})

/** Who is asking. */
export const authSchema: v.GenericSchema<unknown, AuthConfig> = sectionOf({
  tokens: v.optional(v.array(token, 'expected a list'), []),
  introspect: v.exactOptional(introspect),
  legacyTokens: v.optional(listOf(digest), []),
  legacyExpires: v.exactOptional(isoDate),
  legacyHostNames: v.optional(yesOrNo, false),
  allowedHosts: v.optional(listOf(hostName(true), /^\.?$/), []),
  registeredHosts: v.optional(listOf(hostName(false), /^\.?$/), []),
  queryTokens: v.optional(yesOrNo, true),
  bodyTokens: v.optional(yesOrNo, false),
  // Nobody passes who has shown no token.
  passTiers: v.optional(listOf(oneOf('seed', 'flower', 'nectar', 'legacy')), ['nectar', 'legacy']),
})
