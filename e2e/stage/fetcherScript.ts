/** Script of a page's own worker: fetches a URL and replies with label and hash. */
export const fetcherScript: string = `
addEventListener('message', async ({ data: { url, headers } }) => {
  const response = await fetch(url, { headers })
  const bytes = await response.arrayBuffer()
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  postMessage({
    status: response.status,
    label: response.headers.get('x-modelferry'),
    sha256: Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join(''),
  })
})`
