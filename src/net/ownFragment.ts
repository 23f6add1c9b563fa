/**
 * Ends every address that modelferry itself asks for. Fragments are never sent to a server but are seen by
 * the page's service worker, which leaves such requests alone; otherwise it would answer its own engine.
 */
export const ownFragment = '#modelferry'
