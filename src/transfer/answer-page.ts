// Answers a page's request: by modelferry, or by the page's own request when modelferry is ruled out, blocked or too
// slow. Called by service worker and loader, which differ in how they make a plain request.
import { isOfHub } from '../address/index.ts'
import { redactUrl } from '../core/index.ts'
import { encodeError } from '../protocol/index.ts'
import type { ErrorData } from '../data/index.ts'
import { isPage } from '../reconstruction/index.ts'
import { isForServer, mustPass, sendsCookies, type Bypass } from './page-request.ts'
import { type AskedRequest, respond, type RespondOptions, unkept } from './respond.ts'
import type { FileSource } from './file-source.ts'
import type { OwnRequest } from './own-request.ts'

/** The dependencies of the answering realm. */
interface AnswerOptions extends RespondOptions {
  /** Origin of the page. */
  readonly origin: string
  readonly bypass: Bypass
  /** Makes the page's own request. */
  readonly plain: () => Promise<Response>
  /** The page's own request, where its response may answer the question about the file. */
  readonly own?: OwnRequest | undefined
  /** Receives the reason why a file could not be answered by modelferry, and the alternative. */
  readonly tell: (fault: ErrorData) => void
}

/** The end of a fault's message when the page's own request has replaced what failed. */
export const ownRequestNotice = "The page's own request was made instead; its answer is not kept."

/** Failures that concern one file: other files of the repository may succeed. */
const singular = new Set(['unsupported', 'quota', 'storage', 'worker', 'closed', 'FileChanged'])

/**
 * Answers a page's request for a model file, never worse than the network alone: if modelferry cannot provide it
 * before the headers are sent, the page's own request is made.
 *
 * @param source opened when it is needed; an error of opening it is a reason to pass the request through
 * @throws the error of `plain`, when there is no alternative; the signal's reason
 */
export async function answerPage(
  source: () => Promise<FileSource>,
  request: AskedRequest,
  options: AnswerOptions,
): Promise<Response> {
  const { origin, bypass, own: first, signal } = options
  const { url, credentials = 'same-origin' } = request
  if (mustPass(request, origin)) return await options.plain()
  if (bypass.passesFile(url) || isForServer(request)) {
    const response = await options.plain().catch(() => undefined)
    // Else the server is busy, failing or gone, and an older answer may be on the device.
    if (response && response.status < 429) return response
  }
  const plain = async (): Promise<Response> => (await first?.take()) ?? (await options.plain())
  const timing: string[] = []
  let last = performance.now()
  const mark = (step: string): void => {
    const now = performance.now()
    timing.push(`${step};dur=${(now - last).toFixed(1)}`)
    last = now
  }
  let response: Response | undefined
  try {
    const opened = await source()
    mark('open')
    response = await respond(opened, request, {
      ...options,
      bypassed: bypass.passesRepository(url),
      mark,
    })
    response?.headers.set('server-timing', timing.join())
  } catch (error) {
    signal?.throwIfAborted()
    // The page knows neither the commit of its branch nor the hosts behind its hub; the message names those.
    const fault = { ...encodeError(error, 'storage'), url: redactUrl(url) }
    if (fault.code === 'unsupported') bypass.addFile(url, fault.message)
    return await passedThrough(fault, url, { ...options, plain })
  } finally {
    first?.drop()
  }
  if (response === undefined) return await plain()
  const refused = response
  const unauthorized = [401, 403, 404].includes(response.status)
  if (!unauthorized) return response
  if (!sendsCookies({ url, credentials }, origin)) {
    if (response.status !== 401 || !isOfHub(url) || request.headers.has('authorization'))
      return response
    // The app's token was refused, perhaps; without one the hub may give the file, as it does without modelferry.
    const anonymous = await plain().catch(() => undefined)
    if (anonymous?.ok) return anonymous
    await anonymous?.body?.cancel()
    return response
  }
  // This request had no cookies; the page's own request may be authorised by them, so a stored refusal is no answer.
  const own = await plain().catch((error: unknown) => {
    if (url.startsWith(`${origin}/`)) return refused
    throw error
  })
  // A page after a redirect is one to sign in.
  const page = own !== response && !own.redirected && isPage(own, url)
  if (page) await own.body?.cancel()
  return page ? response : own
}

/** Makes the page's own request in place of what failed. */
async function passedThrough(
  fault: ErrorData,
  url: string,
  { bypass, plain, tell }: AnswerOptions,
): Promise<Response> {
  try {
    const response = await plain()
    const isNew =
      !singular.has(fault.errorCode ?? fault.code) && response.status < 400
        ? bypass.addRepository(url, fault.message)
        : true
    const message = `${fault.message} ${ownRequestNotice}`
    if (isNew) tell({ ...fault, message })
    return fault.code === 'quota' ? unkept(response) : response
  } catch (error) {
    tell(fault)
    throw error
  }
}
