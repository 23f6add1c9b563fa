/**
 * An element of the page by its test id.
 *
 * @param kind its expected class
 * @throws Error when the page has no such element
 */
export function element<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.querySelector(`[data-testid="${id}"]`)
  if (found instanceof kind) return found
  throw new Error(`The page has no ${kind.name} with data-testid="${id}".`)
}
