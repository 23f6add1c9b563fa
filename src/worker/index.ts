// The loader worker: a dedicated worker that hosts the transfer engine and gives the page an authorised fetch.
// Answers no intercepted requests.
// Start with loader.ts. This file is the script's entry.

import { encodeError, engineKey, registerErrorTransfer } from '../protocol/index.ts'
import { builtInEngine } from '../transfer/index.ts'
import { Loader } from './loader.ts'
import { expose } from 'comlink'

// A service worker imports this script for its engine, so that a site has only one copy of it.
if ('registration' in globalThis) Object.assign(globalThis, { [engineKey]: builtInEngine })
else {
  registerErrorTransfer(encodeError)
  expose(new Loader())
}
