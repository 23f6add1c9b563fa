import type { FaultAction, Hub } from 'modelferry/hub'

/**
 * Injects a random fault into one of the next requests to storage, hub or CAS.
 *
 * @param random returns numbers from 0 to 1
 * @returns description of the fault
 */
export async function injectFault(hub: Hub, random: () => number): Promise<string> {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const after = Math.floor(random() * 2_000_000)
  const ofStorage: readonly FaultAction[] = [
    { do: 'status', status: 403 },
    { do: 'status', status: 404 },
    { do: 'status', status: 500 },
    { do: 'status', status: 503, headers: { 'retry-after': '1' } },
    { do: 'cut', after },
    { do: 'flip', at: after },
    { do: 'flip', scheme: pick([0, 1, 2] as const) },
    { do: 'short', after },
    { do: 'stall', after, ms: 3000 },
    { do: 'delay', ms: 1000 },
    { do: 'drop-cors' },
  ]
  const ofOthers: readonly FaultAction[] = [
    { do: 'status', status: 500 },
    { do: 'delay', ms: 800 },
    { do: 'cut', after: 10 },
  ]
  const chance = random()
  if (chance < 0.1) {
    await hub.expireUrls()
    return 'expired'
  }
  const nth = 1 + Math.floor(random() * 3)
  if (chance < 0.75) {
    const action = pick(ofStorage)
    hub.faults.add({ kind: 'xorb', nth, action })
    return `xorb ${JSON.stringify(action)}`
  }
  const kind = pick(['reconstruction', 'token', 'resolve', 'lfs'] as const)
  const action = pick(ofOthers)
  hub.faults.add({ kind, nth, action })
  return `${kind} ${JSON.stringify(action)}`
}
