import { injectFault } from '../long/stage/injectFault.ts'
import type { Stage } from '../stage/Stage.ts'
import type { StageFile } from '../stage/StageFile.ts'
import type { StageWindow } from '../stage/StageWindow.ts'
import { stopServiceWorkers } from '../stage/stopServiceWorkers.ts'

/** What a chaos step may act on. */
export interface ChaosScene {
  readonly files: readonly StageFile[]
  /** Open tabs; a step may replace one. */
  readonly tabs: Stage[]
  /** Random number from 0 to 1, the same sequence for the same seed. */
  readonly random: () => number
}

type Step = (scene: ChaosScene) => Promise<string | void>

/** Faults that may happen to pages while they load files; each returns its description. */
export const chaosSteps: Readonly<Record<string, Step>> = {
  fault: ({ tabs, random }) => injectFault(tabs[0]!.hub.hub, random),
  'second fault': ({ tabs, random }) => injectFault(tabs[0]!.hub.hub, random),
  'service worker ended': ({ tabs }) => stopServiceWorkers(tabs[0]!.page),
  async reload(scene) {
    await pickTab(scene).reload()
  },
  async 'tab closed'(scene) {
    const at = Math.floor(scene.random() * scene.tabs.length)
    const old = scene.tabs[at]!
    scene.tabs[at] = await old.tab()
    await old.page.close()
  },
  async 'tab crashed'(scene) {
    const at = Math.floor(scene.random() * scene.tabs.length)
    const old = scene.tabs[at]!
    const crashed = old.page.waitForEvent('crash')
    old.page.goto('chrome://crash').catch(() => undefined)
    await crashed
    const other = scene.tabs[(at + 1) % scene.tabs.length]!
    scene.tabs[at] = await other.tab()
    await old.page.close()
  },
  async 'network gone'({ tabs, random }) {
    const { context, page } = tabs[0]!
    await context.setOffline(true)
    await page.waitForTimeout(100 + random() * 1500)
    await context.setOffline(false)
  },
  async 'file removed'(scene) {
    const { files, random } = scene
    const file = files[Math.floor(random() * files.length)]!
    const tab = pickTab(scene)
    await tab.page.evaluate(removeInPage, tab.url(file))
    return file.path
  },
  async 'everything cleared'(scene) {
    await pickTab(scene).page.evaluate(() => (window as unknown as StageWindow).ferry.clear())
  },
  async 'files deleted by the app'(scene) {
    await pickTab(scene).page.evaluate(emptyFolder)
  },
}

function pickTab({ tabs, random }: ChaosScene): Stage {
  return tabs[Math.floor(random() * tabs.length)]!
}

async function removeInPage(url: string): Promise<void> {
  await (window as unknown as StageWindow).ferry.remove(url)
}

/** Runs in the page: empties the origin private file system, as apps and libraries do that assume it is theirs. */
async function emptyFolder(): Promise<void> {
  const root = await navigator.storage.getDirectory()
  // An open file cannot be removed.
  for await (const name of root.keys())
    await root.removeEntry(name, { recursive: true }).catch(() => undefined)
}
