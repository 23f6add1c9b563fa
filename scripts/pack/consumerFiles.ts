/** A project that uses the package, by file name. */
export const consumerFiles: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ name: 'consumer', private: true, type: 'module' }),
  'import.js': `
    import * as page from 'modelferry'
    import * as hub from 'modelferry/hub'
    if (typeof page.connect !== 'function') throw new Error('modelferry has no connect()')
    if (Object.keys(hub).length === 0) throw new Error('modelferry/hub exports nothing')
  `,
  'page.ts': `
    import { connect } from 'modelferry'

    const ferry = await connect({ hubs: ['https://hub.example'], timeoutMs: 5_000 })
    const url = 'https://hub.example/org/model/resolve/main/model.onnx'
    const response: Response = await ferry.fetch(url, { headers: { range: 'bytes=0-1023' } })
    const load = ferry.prefetch([url], { signal: AbortSignal.timeout(60_000) })
    await load
    // @ts-expect-error a wrong option is an error, so the types are really there
    await connect({ hubs: 7 })
    console.log(response.status, ferry.controlled, await ferry.files())
  `,
  'server.ts': `
    import * as hub from 'modelferry/hub'

    // @ts-expect-error nothing of this name, so the types are really there
    console.log(hub.nothingOfThisName)
  `,
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      target: 'ES2022',
      module: 'NodeNext',
      lib: ['ES2022', 'DOM', 'DOM.Iterable'],
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      types: ['node'],
    },
    files: ['page.ts', 'server.ts'],
  }),
}
