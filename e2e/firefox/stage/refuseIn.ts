import { expectRefusal } from '../../stage/expectRefusal.ts'
import type { Stage } from '../../stage/Stage.ts'
import type { SiteFault } from '../../stage/SiteFault.ts'
import { FirefoxPage } from './FirefoxPage.ts'
import { type FirefoxOptions, openFirefox } from './openFirefox.ts'

/** Expects a refusal as {@link expectRefusal} does, in a Firefox started for this check. */
export async function refuseIn(
  options: FirefoxOptions,
  stage: Stage<FirefoxPage>,
  siteFault: SiteFault,
): Promise<void> {
  const firefox = await openFirefox(options)
  try {
    await expectRefusal(stage.with(new FirefoxPage(await firefox.newPage())), siteFault)
  } finally {
    await firefox.close()
  }
}
