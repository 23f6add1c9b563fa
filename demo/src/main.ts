import { Demo } from './Demo.ts'
import { readManifest } from './readManifest.ts'

readManifest()
  .then((manifest) => new Demo(manifest).start())
  .catch((error: unknown) => {
    const status = document.querySelector<HTMLElement>('[data-testid="status"]')
    if (status === null) return
    status.dataset['state'] = 'failed'
    status.textContent = error instanceof Error ? error.message : String(error)
  })
