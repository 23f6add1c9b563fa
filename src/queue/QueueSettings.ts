import type { QueueOptions } from './QueueOptions.ts'

type Callback = 'onEvent' | 'onStoreError'

/** Complete options of a queue. */
export type QueueSettings = Required<Omit<QueueOptions, Callback>> & Pick<QueueOptions, Callback>
