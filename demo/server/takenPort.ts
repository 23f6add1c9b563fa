/** The variables that choose the ports. */
export type PortVariable = 'PORT' | 'HUB_PORT' | 'STORAGE_PORT'

/**
 * Explains which variable to set when a port is unavailable; other errors are returned unchanged.
 *
 * @param error the system's error, or an error with it as cause
 * @param variables the variable of each requested port
 */
export function takenPort(
  error: unknown,
  variables: Partial<Record<PortVariable, number>>,
): unknown {
  const system = error instanceof Error && error.cause !== undefined ? error.cause : error
  const { code, port } = system as NodeJS.ErrnoException & { port?: number }
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return error
  const found = Object.entries(variables).find(([, wanted]) => wanted === port)
  const why = code === 'EACCES' ? 'may not be used' : 'is taken'
  const what = found?.[0] ?? Object.keys(variables).join(' or ')
  return new Error(`Port ${port} ${why}: set ${what} to another one, or to 0 for any free one.`, {
    cause: error,
  })
}
