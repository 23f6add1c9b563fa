import { expose } from 'comlink'
import { encodeError } from '../protocol/encodeError.ts'
import { engineKey } from '../protocol/engineKey.ts'
import { registerErrorTransfer } from '../protocol/registerErrorTransfer.ts'
import { builtInEngine } from '../transfer/builtInEngine.ts'
import { Loader } from './Loader.ts'

// A service worker imports this script for the engine in it, so that there is one copy of it on a site.
if ('registration' in globalThis) Object.assign(globalThis, { [engineKey]: builtInEngine })
else {
  registerErrorTransfer(encodeError)
  expose(new Loader())
}
