import { test } from '@playwright/test'

/** Records a measurement of the running test in its report and prints it. */
export function note(type: string, description: string): void {
  test.info().annotations.push({ type, description })
  console.log(`  ${type}: ${description}`)
}
