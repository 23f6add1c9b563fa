import type { Refusal } from '../protocol/Refusal.ts'

/**
 * The refusal for a web page where a model should be. Apps answer unknown addresses with their start page;
 * libraries that try a local path first would take it for the model and keep it. A 404 sends them on to
 * the hub.
 */
export function pageInsteadOfModel(): Refusal {
  const message =
    'An HTML page came instead of a model file: the server answers unknown addresses with a page. ' +
    'Put the file there, or turn off local models.'
  return {
    status: 404,
    statusText: 'Not Found',
    headers: [
      ['content-type', 'text/plain; charset=utf-8'],
      ['x-error-code', 'EntryNotFound'],
      ['x-error-message', message],
    ],
    body: new TextEncoder().encode(message),
  }
}
