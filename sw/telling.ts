import { Channel } from '../src/protocol/Channel.ts'
import { encodeError } from '../src/protocol/encodeError.ts'

/** Does what a service worker does to be installed. Pages that wait for it hear why it fails; the browser tells them nothing. */
export async function telling(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    const channel = new Channel()
    channel.emit({ name: 'fault', detail: encodeError(error) })
    channel.close()
    throw error
  }
}
