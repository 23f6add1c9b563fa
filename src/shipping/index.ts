// Recognises, reads and replaces the built scripts that are deployed on a site.
// Node only; used by the CLI and the Vite plugin.
// Start with shipped-script.ts.

export {
  isOurScript,
  readScript,
  selfDestroyingWorker,
  type ShippedScript,
} from './shipped-script.ts'
