import type { ErrorData } from 'modelferry'
import type { PageOptions } from './PageOptions.ts'
import type { StageWindow } from './StageWindow.ts'

/** Runs in the page: the rejection of `connect()`. It is sent as text, so it must not use outer variables. */
export async function failToConnect(
  options: PageOptions,
): Promise<Pick<ErrorData, 'code' | 'message'>> {
  const page = window as unknown as StageWindow
  try {
    await page.modelferry.connect(options)
  } catch (error) {
    const { code, message } = error as ErrorData
    return { code, message }
  }
  throw new Error('connect() did not reject.')
}
