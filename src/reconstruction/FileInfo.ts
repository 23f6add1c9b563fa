export type { FileInfo } from '../protocol/FileInfo.ts'
