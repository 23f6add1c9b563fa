const handle = (): Partial<FileSystemFileHandle> | undefined =>
  globalThis.FileSystemFileHandle?.prototype

/** By client hints, which no other engine has. Node 20 has no navigator. */
const isChromium = (): boolean => 'userAgentData' in (globalThis.navigator ?? {})

/** Safari's engine, whose name Chromium bears as well, also where it gives no client hints. */
const isWebKit = (): boolean =>
  !isChromium() && /^(?!.*Chrome\/).*AppleWebKit/.test(globalThis.navigator?.userAgent ?? '')

let opens: Promise<boolean> | undefined

async function tryToOpen(folder: FileSystemDirectoryHandle): Promise<boolean> {
  const name = `trial-${crypto.randomUUID()}`
  try {
    const file = await folder.getFileHandle(name, { create: true })
    const open = await file.createSyncAccessHandle()
    open.close()
    return true
  } catch (error) {
    // Swept by another realm in between, which says nothing.
    return error instanceof DOMException && error.name === 'NotFoundError'
  } finally {
    await folder.removeEntry(name).catch(() => undefined)
  }
}

let transfers: boolean | undefined

function tryToTransfer(): boolean {
  const stream = new ReadableStream()
  try {
    structuredClone(stream, { transfer: [stream] })
    return true
  } catch {
    return false
  }
}

/**
 * What browsers, and the realms of one browser, differ in: all of it, in one place. What is missing has a slower
 * way that gives the same bytes. Found out by trying, except where a note says why that cannot be.
 */
export const capabilities = {
  /**
   * Files are written in place and at once. Dedicated workers only; else in pieces by `createWritable`. WebKitGTK
   * 2.50 has the method, in service workers as well, and it always fails.
   *
   * @param folder of OPFS, to try it in
   */
  async syncHandles(folder: FileSystemDirectoryHandle): Promise<boolean> {
    if (typeof handle()?.createSyncAccessHandle !== 'function') return false
    return await (opens ??= tryToOpen(folder))
  },
  /** Files can be written as streams, which show when they are closed. Safari before 26 has none. */
  get writables(): boolean {
    return typeof handle()?.createWritable === 'function'
  },
  /** A stream can go to another realm; else a body is read whole first. Safari before 27 cannot. */
  get streamTransfer(): boolean {
    return (transfers ??= tryToTransfer())
  },
  /**
   * A body that a service worker feeds reaches the page as it was meant; else answers are given when all of
   * their body is here. Where it does not (Firefox 153), a worker that was ended leaves a body that looks
   * complete, also when a newer worker replaced it in mid-body, and headers stay back until the first byte.
   *
   * Not tried: one would have to be ended for it. Measured in Chromium 156 and WebKitGTK 2.50.
   */
  get fedBodies(): boolean {
    return isChromium() || isWebKit()
  },
  /**
   * A newer service worker ends the one before it, and with it the bodies of its answers, those from files among
   * them: they fail. It waits as long as an event is held open (WebKitGTK 2.50). Elsewhere bodies need none, and
   * to hold one for five minutes has the worker ended (Chromium 156).
   */
  get bodiesNeedEvents(): boolean {
    return isWebKit()
  },
  /**
   * A request of a worker ends when it is aborted, or when its worker ends; else it goes on to its end and holds
   * a connection until then (Firefox 153, for workers that a service worker controls).
   *
   * Not tried: only the server can tell. Measured in Chromium 156 and WebKitGTK 2.50.
   */
  get abortedFetches(): boolean {
    return isChromium() || isWebKit()
  },
}

/** The parts of Trusted Types that are used here; not every browser has them. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): unknown }
}

let policy: ReturnType<TrustedTypes['createPolicy']> | undefined

/**
 * The address of a worker file as pages with Trusted Types want it: made by the policy `modelferry`, which lets
 * only addresses of the page's own origin pass and is known to nobody else.
 *
 * Where the page does not allow that policy, the address itself: a default policy of the page may let it pass.
 *
 * @param url of a worker file, absolute
 * @throws TypeError for an address of another origin
 * Source: Trusted Types, sections on policies and on `require-trusted-types-for`.
 */
export function trustedScript(url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  try {
    policy ??= trustedTypes?.createPolicy('modelferry', { createScriptURL: ofThisOrigin })
  } catch {
    return url
  }
  // TypeScript's libraries know addresses of scripts as texts only.
  return (policy?.createScriptURL(url) as string | undefined) ?? url
}

function ofThisOrigin(url: string): string {
  if (new URL(url).origin === location.origin) return url
  throw new TypeError('modelferry starts workers of its own origin only.')
}

/** What is kept whole beside model files: what hubs say of them, and what runs them. */
export type AnswerKind = 'notes' | 'runtimes'

/**
 * Name of the cache of one kind, for one app: its service worker fills it, its loaders count and clear it.
 *
 * @param scope the app's
 */
export function answerCache(kind: AnswerKind, scope: string): string {
  return `modelferry-${kind}-${scope}`
}
