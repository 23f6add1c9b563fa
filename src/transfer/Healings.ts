import { FerryError } from '../core/FerryError.ts'

/** Times the same bytes may turn out wrong before the file is given up. */
const most = 3

/** Counts how often what was wrong with a file. */
export class Healings {
  readonly #url: string
  readonly #times = new Map<string, number>()

  /** @param url of the file, for the error */
  constructor(url: string) {
    this.#url = url
  }

  get any(): boolean {
    return this.#times.size > 0
  }

  /**
   * @param what xorb that was damaged; '' for the file as a whole
   * @throws FerryError `integrity` when it was so too often
   */
  count(what: string): void {
    const times = (this.#times.get(what) ?? 0) + 1
    this.#times.set(what, times)
    if (times > most)
      throw new FerryError(
        'integrity',
        'The file does not hash to what the hub promised, also after its parts were fetched again. Nothing was kept; the file is damaged where it is stored.',
        { url: this.#url },
      )
  }
}
