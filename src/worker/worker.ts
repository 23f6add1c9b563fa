import { expose } from 'comlink'
import { encodeError } from '../protocol/encodeError.ts'
import { registerErrorTransfer } from '../protocol/registerErrorTransfer.ts'
import { Loader } from './Loader.ts'

registerErrorTransfer(encodeError)
expose(new Loader())
