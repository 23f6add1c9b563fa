/** The hub's folder: everything that is written goes through here, and nothing is ever half there. */
export interface Folder {
  /** The path of something within the folder. Parts must have been checked by the caller. */
  path(...parts: string[]): string
  /** A fresh name for a file that is being written; what a killed process leaves behind is removed at the next start. */
  temporary(): string
  /**
   * Moves a written file to its place, after its bytes have reached the disk.
   *
   * @param temporary a path from {@link temporary}
   * @param path where it belongs; what was there is replaced
   */
  adopt(temporary: string, path: string): Promise<void>
  /** Writes a whole file, likewise. */
  write(path: string, content: string | Uint8Array): Promise<void>
  /** The text of a file, or undefined when there is none. */
  read(path: string): Promise<string | undefined>
}
