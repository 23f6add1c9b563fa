import { FerryError } from '../core/FerryError.ts'
import type { FerryErrorCode } from '../core/FerryErrorCode.ts'
import type { Refusal } from '../protocol/Refusal.ts'

const codes: Readonly<Record<number, FerryErrorCode>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
}

/** A hub's refusal of a file, for who cannot be given the refusal itself. */
export function refusedError(url: string, { status, headers }: Refusal): FerryError {
  const said = new Map(headers).get('x-error-message')
  const message = `The hub answered ${status}${said ? `: ${said}` : '.'}`
  return new FerryError(codes[status] ?? 'http', message, { url, status })
}
