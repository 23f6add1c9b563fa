import type { ClientAnswer } from '../pages/ClientAnswer.ts'
import type { ClientName } from '../pages/ClientName.ts'
import type { ClientWish } from '../pages/ClientWish.ts'
import type { Realm } from './Realm.ts'

/** A client, where it runs, what it wants, and what has to come of it. */
export interface Voyage<Name extends ClientName> {
  /** Of its row in the table, without the realm. */
  readonly title: string
  readonly client: Name
  readonly realm: Realm
  readonly wish: Omit<ClientWish, 'hub'>
  /** Expects of an answer what it has to be; the same each time. */
  readonly check: (answer: ClientAnswer<Name>) => void
}
