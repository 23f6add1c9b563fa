import { encodeError, registerErrorTransfer } from '../protocol/errors.ts'
import { engineKey } from '../protocol/messages.ts'
import { builtInEngine } from '../transfer/create-engine.ts'
import { Loader } from './loader.ts'
import { expose } from 'comlink'

// A service worker imports this script for the engine in it, so that there is one copy of it on a site.
if ('registration' in globalThis) Object.assign(globalThis, { [engineKey]: builtInEngine })
else {
  registerErrorTransfer(encodeError)
  expose(new Loader())
}
