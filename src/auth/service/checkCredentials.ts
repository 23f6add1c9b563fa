import { FerryError } from '../../core/FerryError.ts'
import type { ServiceCredential } from './ServiceCredential.ts'

const leastSecretBytes = 32
const mostKeys = 2

/**
 * Refuses to start with service credentials that protect nothing: a missing secret never means "allow".
 *
 * @param credentials as they were configured, whatever their types really are
 * @throws FerryError `configuration`, naming the entry and never its secret
 */
export function checkCredentials(credentials: readonly ServiceCredential[]): void {
  if (!Array.isArray(credentials) || credentials.length === 0) {
    throw refused('There are no service credentials', 'Configure at least one key id and secret.')
  }
  const seen = new Set<string>()
  const keysOf = new Map<string, number>()
  for (const [index, entry] of (credentials as readonly Partial<ServiceCredential>[]).entries()) {
    const { keyId, secret, service = '' } = entry ?? {}
    if (typeof keyId !== 'string' || !/^[\w.-]{1,64}$/.test(keyId)) {
      const wanted = 'Use 1 to 64 letters, digits, ".", "_" and "-".'
      throw refused(`Service credential ${index} has no usable key id`, wanted)
    }
    const name = `Service credential ${index} (${keyId})`
    const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret).length : 0
    if (bytes < leastSecretBytes) {
      const fault = bytes === 0 ? 'has no secret' : `has a secret of ${bytes} bytes`
      throw refused(`${name} ${fault}`, `Give it at least ${leastSecretBytes} random bytes.`)
    }
    if (seen.has(keyId)) throw refused(`${name} is there twice`, 'Give every key its own id.')
    seen.add(keyId)
    const count = (keysOf.get(service) ?? 0) + 1
    keysOf.set(service, count)
    if (count > mostKeys) {
      const whose = service === '' ? 'one service' : `service "${service}"`
      throw refused(`${name} is key ${count} of ${whose}`, 'Remove the oldest: two may be active.')
    }
  }
}

function refused(fault: string, advice: string): FerryError {
  return new FerryError('configuration', `${fault}. ${advice}`)
}
