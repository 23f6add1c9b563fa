import { expect, it } from 'vitest'
import { createHasher } from './hasher.ts'
import { hashToHex } from './xet-hash.ts'

const hello = 'd8d408e608fb9ca213b9909a65d86d725f2de4d8d540324be8a363e7a6e228cb'

it('hashes in a browser', async () => {
  const hasher = await createHasher()
  expect(hashToHex(hasher.chunk(new TextEncoder().encode('Hello World!')))).toBe(hello)
})

it('hashes when the Content-Security-Policy refuses WebAssembly', async () => {
  const modules = ['hasher', 'xet-hash'].map((name) =>
    JSON.stringify(new URL(`./${name}.ts`, import.meta.url).href),
  )
  const frame = document.createElement('iframe')
  frame.srcdoc = `
    <meta http-equiv="Content-Security-Policy" content="script-src 'self' 'unsafe-inline'">
    <script type="module">
      const bytes = new TextEncoder().encode('Hello World!')
      try {
        const { createHasher } = await import(${modules[0]})
        const { hashToHex } = await import(${modules[1]})
        const refused = await WebAssembly.compile(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))
          .then(() => false, () => true)
        const hash = hashToHex((await createHasher()).chunk(bytes))
        parent.postMessage({ refused, hash }, '*')
      } catch (error) {
        parent.postMessage({ error: String(error) }, '*')
      }
    </script>`
  const answer = new Promise((resolve) => {
    window.addEventListener('message', function listen(event) {
      if (event.source !== frame.contentWindow) return
      window.removeEventListener('message', listen)
      resolve(event.data)
    })
  })
  document.body.append(frame)
  try {
    expect(await answer).toEqual({ refused: true, hash: hello })
  } finally {
    frame.remove()
  }
})
