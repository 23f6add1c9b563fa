import type { ClientAnswer } from '../pages/ClientAnswer.ts'
import type { ClientName } from '../pages/ClientName.ts'
import type { ClientTask } from '../pages/ClientTask.ts'
import type { Realm } from './Realm.ts'

/** A client, its realm, its parameters, and its expected result. */
export interface ClientRun<Name extends ClientName> {
  /** Title of its row in the table, without the realm. */
  readonly title: string
  readonly client: Name
  readonly realm: Realm
  readonly task: Omit<ClientTask, 'hub'>
  /** Checks a result; it must be the same each time. */
  readonly check: (answer: ClientAnswer<Name>) => void
}
