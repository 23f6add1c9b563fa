import type { Verdict } from './Verdict.ts'

/** What a credential is worth: a verdict, or that it is a legacy token, which nobody has to be asked about. */
export type Standing = Verdict | { readonly state: 'legacy' }
