/**
 * Runs in the page: loads a script by a tag that is no module. It is requested with credentials and without CORS, so
 * that an embedder policy checks the response. It is sent to the page as text, so it must not use outer variables.
 *
 * @returns `loaded` or `failed`
 */
export async function loadScript(url: string): Promise<string> {
  return await new Promise((resolve) => {
    const script = document.createElement('script')
    script.src = url
    script.addEventListener('load', () => resolve('loaded'))
    script.addEventListener('error', () => resolve('failed'))
    document.body.append(script)
  })
}
