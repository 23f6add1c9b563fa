/** The methods of a page that a stage needs. Playwright's pages have them; adapters add them to other drivers. */
export interface StagePage {
  goto(url: string): Promise<unknown>
  reload(): Promise<unknown>
  evaluate<Result>(work: () => Result): Promise<Awaited<Result>>
  evaluate<Result, Input>(work: (input: Input) => Result, input: Input): Promise<Awaited<Result>>
  waitForFunction<Input>(
    condition: (input: Input) => unknown,
    input: Input,
    options: { readonly polling: number },
  ): Promise<unknown>
}
