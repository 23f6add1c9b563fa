import { expect, it } from 'vitest'
import { takenPort } from './takenPort.ts'

const failure = (code: string, port: number): Error =>
  Object.assign(new Error(code), { code, port })

it('names the variable of the port that is taken', () => {
  const error = takenPort(failure('EADDRINUSE', 5172), { HUB_PORT: 5171, STORAGE_PORT: 5172 })
  expect(String(error)).toContain('Port 5172 is taken: set STORAGE_PORT')
})

it('looks at the cause of an error', () => {
  const error = new Error('hub', { cause: failure('EADDRINUSE', 5171) })
  expect(String(takenPort(error, { HUB_PORT: 5171, STORAGE_PORT: 5172 }))).toContain('set HUB_PORT')
})

it('names all candidates when it cannot tell', () => {
  const error = takenPort(failure('EACCES', 80), { HUB_PORT: 5171, STORAGE_PORT: 5172 })
  expect(String(error)).toContain('may not be used: set HUB_PORT or STORAGE_PORT')
})

it('leaves other errors alone', () => {
  const error = new Error('something else')
  expect(takenPort(error, { PORT: 1 })).toBe(error)
})
