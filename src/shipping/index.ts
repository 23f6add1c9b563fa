// The built scripts as they are put on a site: recognised, read, replaced.
// Node only; used by the command and the Vite plugin.
// Start with shipped-script.ts.

export {
  isOurScript,
  readScript,
  selfDestroyingWorker,
  type ShippedScript,
} from './shipped-script.ts'
