import { test } from '@playwright/test'

/** Tells a figure of the test that runs, in its report and on the screen. */
export function note(type: string, description: string): void {
  test.info().annotations.push({ type, description })
  console.log(`  ${type}: ${description}`)
}
