import type { ClientAnswer } from '../pages/ClientAnswer.ts'
import type { ClientName } from '../pages/ClientName.ts'
import type { ClientWish } from '../pages/ClientWish.ts'
import type { Realm } from './Realm.ts'

/** A client, its realm, its parameters, and its expected result. */
export interface Voyage<Name extends ClientName> {
  /** Title of its row in the table, without the realm. */
  readonly title: string
  readonly client: Name
  readonly realm: Realm
  readonly wish: Omit<ClientWish, 'hub'>
  /** Checks a result; it must be the same each time. */
  readonly check: (answer: ClientAnswer<Name>) => void
}
