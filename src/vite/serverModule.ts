/** Text of `virtual:modelferry` where there is no page: it can be imported, and does nothing until it is used. */
export const serverModule: string = `const message =
  'connect() of virtual:modelferry was called on the server. Call it in the browser only, for instance when a component is mounted.'
export const serviceWorker = false
export const worker = ''
export const scope = ''
export async function connect() {
  throw new Error(message)
}
`
