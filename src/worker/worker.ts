import { expose } from 'comlink'
import { registerErrorTransfer } from '../protocol/registerErrorTransfer.ts'
import { Loader } from './Loader.ts'

registerErrorTransfer()
expose(new Loader())
