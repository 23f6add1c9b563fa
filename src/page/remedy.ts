/** What to do about a worker file that is not what it should be. */
export const remedy: string =
  'Run "npx modelferry init <folder your site serves>" to copy the worker files of this version, or let the Vite plugin do it.'
