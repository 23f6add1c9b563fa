import { expect, it } from 'vitest'
import { takenPort } from './takenPort.ts'

const failure = (code: string, port: number): Error =>
  Object.assign(new Error(code), { code, port })

it('names the variable of the port that is in use', () => {
  const error = takenPort(failure('EADDRINUSE', 5172), { HUB_PORT: 5171, STORAGE_PORT: 5172 })
  expect(String(error)).toContain('Port 5172 is taken: set STORAGE_PORT')
})

it('checks the cause of an error', () => {
  const error = new Error('hub', { cause: failure('EADDRINUSE', 5171) })
  expect(String(takenPort(error, { HUB_PORT: 5171, STORAGE_PORT: 5172 }))).toContain('set HUB_PORT')
})

it('names all variables when the port is unknown', () => {
  const error = takenPort(failure('EACCES', 80), { HUB_PORT: 5171, STORAGE_PORT: 5172 })
  expect(String(error)).toContain('may not be used: set HUB_PORT or STORAGE_PORT')
})

it('returns other errors unchanged', () => {
  const error = new Error('something else')
  expect(takenPort(error, { PORT: 1 })).toBe(error)
})
