import type { Clock } from '../core/Clock.ts'
import { alarm } from './alarm.ts'
import type { KeyRecord } from './KeyRecord.ts'

/** Sets a key's one timer for its next start, or the next try to get a lease; none when there is nothing to wait for. */
export function armKey(record: KeyRecord, clock: Clock, ring: (record: KeyRecord) => void): void {
  const now = clock.now()
  const start = record.permits[0]?.start ?? Infinity
  const blocked = record.ready.size > 0 && record.blockedUntil > now
  const at = blocked ? Math.min(start, record.blockedUntil) : start
  if (at === record.alarmAt) return
  record.stopAlarm?.()
  record.stopAlarm = undefined
  record.alarmAt = at
  if (at === Infinity) return
  record.stopAlarm = alarm(clock, at - now, () => {
    record.alarmAt = Infinity
    ring(record)
  })
}
