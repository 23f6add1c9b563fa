import { FerryError } from '../../core/FerryError.ts'

/**
 * Refuses an address at which no service can be.
 *
 * @param what begins the message: "The introspection endpoint"
 * @throws FerryError `configuration`
 */
export function checkServiceUrl(what: string, url: unknown): void {
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : null
  if (parsed !== null && /^https?:$/.test(parsed.protocol)) {
    if (parsed.username === '' && parsed.password === '') return
    const advice = 'Services prove themselves by a signature, not by user and password.'
    throw new FerryError('configuration', `${what} has a user in its address. ${advice}`)
  }
  const advice = 'Give an absolute http or https address.'
  throw new FerryError('configuration', `${what} has no usable address. ${advice}`)
}
