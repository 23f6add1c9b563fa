import { readFile } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { FerryError } from '../core/FerryError.ts'
import { explainFileError } from './explainFileError.ts'
import { writeSiteFile } from './writeSiteFile.ts'

interface Manifest {
  modelferry?: { folders?: unknown }
}

/**
 * Which folders of a project hold our files. Kept in its package.json, under "modelferry": that is where a team
 * looks for what a package needs, it is under version control, and it is no further file in the site's folder.
 */
export class Project {
  readonly #root: string

  /** @param root folder of package.json */
  constructor(root: string) {
    this.#root = root
  }

  /** @throws FerryError `configuration` when package.json cannot be read */
  async folders(): Promise<string[]> {
    const found = (await this.#read())?.manifest.modelferry?.folders
    return Array.isArray(found) ? found.filter((each) => typeof each === 'string') : []
  }

  /**
   * @returns whether there is a package.json to remember it in
   * @throws as {@link folders}
   */
  async remember(folder: string): Promise<boolean> {
    return await this.#write([...new Set([...(await this.folders()), this.#name(folder)])])
  }

  /** @throws as {@link folders} */
  async forget(folder: string): Promise<void> {
    const name = this.#name(folder)
    const folders = await this.folders()
    if (folders.includes(name)) await this.#write(folders.filter((each) => each !== name))
  }

  #name(folder: string): string {
    return relative(this.#root, resolve(this.#root, folder)).split(sep).join('/') || '.'
  }

  async #write(folders: readonly string[]): Promise<boolean> {
    const found = await this.#read()
    if (!found) return false
    const { modelferry: _, ...rest } = found.manifest
    const manifest = folders.length === 0 ? rest : { ...rest, modelferry: { folders } }
    const indent = /^[ \t]+(?=")/m.exec(found.text)?.[0] ?? '  '
    const text = `${JSON.stringify(manifest, null, indent)}\n`
    if (text !== found.text) await writeSiteFile(this.#file, text)
    return true
  }

  async #read(): Promise<{ text: string; manifest: Manifest } | undefined> {
    const text = await readFile(this.#file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw explainFileError(error, this.#file)
    })
    if (text === undefined) return undefined
    let manifest: unknown
    try {
      manifest = JSON.parse(text)
    } catch (cause) {
      throw this.#wrong(`is no JSON: ${(cause as Error).message}`, cause)
    }
    if (typeof manifest !== 'object' || manifest === null || Array.isArray(manifest))
      throw this.#wrong('is no JSON object')
    return { text, manifest }
  }

  #wrong(what: string, cause?: unknown): FerryError {
    return new FerryError('configuration', `${this.#file} ${what}. Mend it first.`, { cause })
  }

  get #file(): string {
    return join(this.#root, 'package.json')
  }
}
