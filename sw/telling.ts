import { redactUrl } from '../src/core/redactUrl.ts'
import { Channel } from '../src/protocol/Channel.ts'
import { encodeError } from '../src/protocol/encodeError.ts'

/**
 * Does what a service worker does to be installed. Pages that wait for it hear why it fails; the browser tells them
 * nothing.
 *
 * @param script of this service worker: by it a page knows that it is the one that it waits for
 */
export async function telling(script: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    const channel = new Channel()
    channel.emit({ name: 'fault', detail: { ...encodeError(error), url: redactUrl(script) } })
    channel.close()
    throw error
  }
}
