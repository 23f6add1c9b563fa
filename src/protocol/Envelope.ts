import type { Pause } from '../net/Pause.ts'
import type { ErrorData } from './ErrorData.ts'
import type { FerryEvent } from './FerryEvent.ts'
import type { QuestionName, Questions } from './Question.ts'

interface Address {
  readonly protocol: number
  /** Id of the sending realm. */
  readonly from: string
  /** Id of the one realm meant; absent: everybody. */
  readonly to?: string
}

type Asked = {
  [Name in QuestionName]: { readonly name: Name; readonly ask: Questions[Name]['ask'] }
}[QuestionName]

/** Everything that crosses the channel. */
export type Envelope = Address &
  (
    | ({ readonly kind: 'ask'; readonly id: string } & Asked)
    | { readonly kind: 'answer'; readonly id: string; readonly answer: unknown }
    | { readonly kind: 'error'; readonly id: string; readonly error: ErrorData }
    | { readonly kind: 'cancel'; readonly id: string }
    | { readonly kind: 'hold' | 'release'; readonly demand: string }
    /** A server wants to be left alone by everybody. */
    | { readonly kind: 'pause'; readonly pause: Pause }
    | { readonly kind: 'event'; readonly event: FerryEvent }
  )
