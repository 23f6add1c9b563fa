/** What a stage needs of a page: Playwright's has it, and other drivers can be given it. */
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
