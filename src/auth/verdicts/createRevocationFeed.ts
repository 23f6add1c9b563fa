import { FerryError } from '../../core/FerryError.ts'
import { systemClock } from '../../core/systemClock.ts'
import { inTime } from '../service/inTime.ts'
import { tell } from '../service/tell.ts'
import { createRevocationMap } from './createRevocationMap.ts'
import { pollAddress } from './pollAddress.ts'
import type { RevocationFeed } from './RevocationFeed.ts'
import type { RevocationFeedOptions } from './RevocationFeedOptions.ts'
import { readRevocations } from './readRevocations.ts'

/**
 * Keeps up with revoked keys; it polls from now on, until it is closed by whoever made it. A failed poll leaves
 * what is known and is reported.
 *
 * A revocation is known here at most `everyMs` plus one poll after the service knows it.
 *
 * @throws FerryError `configuration` when address, credential or a time cannot work
 * @example
 * const feed = createRevocationFeed({ url: 'https://auth.example/v1/revocations', credential })
 * const validate = createVerdictCache(introspection, { revocations: feed })
 * // at the end
 * feed.close()
 */
export function createRevocationFeed(options: RevocationFeedOptions): RevocationFeed {
  const { clock = systemClock, everyMs = 30_000, timeoutMs = 5000, onFailure } = options
  const { keepMs = 600_000, maxEntries = 10_000 } = options
  checkTimes({ everyMs, timeoutMs, keepMs, maxEntries })
  const poll = 'poll' in options ? options.poll : pollAddress(options, clock)
  const known = createRevocationMap(maxEntries, keepMs)
  const end = new AbortController()
  let updatedAt: number | null = null
  let polling: Promise<void> | null = null

  const pollOnce = async (): Promise<void> => {
    const began = clock.now()
    try {
      const json = await inTime(clock, timeoutMs, poll, end.signal)
      const read = readRevocations(json, clock.now())
      if (read === null) throw oddFeed('it holds no "revokedSince" object')
      known.add(read.revoked, clock.now())
      updatedAt = began
      if (read.unread > 0) tell(onFailure, oddFeed(`${read.unread} entries are unreadable`))
    } catch (error) {
      if (!end.signal.aborted) tell(onFailure, pollFailure(error))
    } finally {
      polling = null
    }
  }

  const refresh = (): Promise<void> => {
    if (end.signal.aborted) return Promise.resolve()
    polling ??= pollOnce()
    return polling
  }

  const keepPolling = async (): Promise<void> => {
    while (!end.signal.aborted) {
      const began = clock.now()
      await refresh()
      const rest = Math.max(0, everyMs - (clock.now() - began))
      await clock.sleep(rest, end.signal).catch(() => undefined)
    }
  }

  // Its owner is whoever may close the feed; it never rejects.
  void keepPolling()
  return {
    revokedSince: (keyId) => known.revokedSince(keyId),
    get updatedAt() {
      return updatedAt
    },
    refresh,
    close: () => end.abort(new FerryError('closed', 'The revocation feed was closed.')),
  }
}

function checkTimes(numbers: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (Number.isFinite(value) && value >= 1) continue
    const message = `The revocation feed's ${name} is ${value}. Give a number of 1 or more.`
    throw new FerryError('configuration', message)
  }
}

function oddFeed(fault: string): FerryError {
  const advice = 'What could be read counts; check the service that gives it.'
  return new FerryError(
    'protocol',
    `The revocation feed is not what it should be: ${fault}. ${advice}`,
  )
}

function pollFailure(error: unknown): FerryError {
  if (error instanceof FerryError) return error
  return new FerryError(
    'network',
    'The revocation feed could not be polled. What is known stays; check that the service can be reached.',
    { retryable: true, cause: error },
  )
}
