import { openStore } from '../opfs-store.ts'
import { check } from './check.ts'
import type { ScenarioPlace } from './Scenario.ts'
import { storeScenarios } from './storeScenarios.ts'

/** Opens a store in a new root, runs one scenario and deletes all its data. */
export async function runScenario(name: string, place: Omit<ScenarioPlace, 'root'>): Promise<void> {
  const root = `test-${crypto.randomUUID()}`
  const store = await openStore({ ...place, root })
  check.equal(store.driver, place.driver, 'driver')
  try {
    await storeScenarios[name]?.({ ...place, root }, store)
  } finally {
    await store.clear()
    await (
      await navigator.storage.getDirectory()
    )
      .removeEntry(root, { recursive: true })
      .catch(() => undefined)
  }
}
