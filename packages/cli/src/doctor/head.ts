import { requestOf, type StreamCheck } from './check.ts'
import { type Finding, ok, wrong } from './finding.ts'
import { type Answer, ask, type Request } from './stream-request.ts'

/** What came of asking with HEAD. */
export interface Head {
  readonly finding: Finding
  readonly answer: Answer | undefined
}

const check = 'public URL'

/** Whether the stream is there and lets us in. HEAD opens no stream, so no buffer holds its answer back. */
export async function checkHead(asked: StreamCheck): Promise<Head> {
  const over = new AbortController()
  const limit = AbortSignal.timeout(asked.patienceMs)
  try {
    const answer = await ask(requestOf(asked, AbortSignal.any([limit, over.signal, asked.signal]), 'HEAD'))
    return { finding: judgeAnswer(answer, asked.url, 'HEAD'), answer }
  } catch (error) {
    return { finding: explainFailure(error, limit.aborted, asked), answer: undefined }
  } finally {
    over.abort()
  }
}

/** Whether an answer is a stream, and what to do when it is not. */
export function judgeAnswer({ status, headers }: Answer, url: URL, method: Request['method']): Finding {
  const found = `${url.pathname} answered ${status}`
  const elsewhere = `Pass the URL of the stream, with the adapter's mount. Example: --url ${url.origin}/realtime/sse`
  if (status === 200) {
    const type = headers['content-type'] ?? 'no content-type'
    if (type.startsWith('text/event-stream')) return ok(check, found)
    return wrong(check, `${found} with ${type}, which is no stream`, elsewhere)
  }
  if (method === 'HEAD' && (status === 405 || status === 501))
    return ok(check, `${found} to HEAD, which something in between refuses`)
  if (status >= 300 && status < 400) {
    const there = headers.location ?? 'nowhere'
    return wrong(check, `${found} and sends on to ${there}`, `Pass where it leads: --url ${there}`)
  }
  return wrong(check, found, refusals[status] ?? (status >= 500 ? refusals[500] : undefined) ?? elsewhere)
}

const refusals: Readonly<Record<number, string>> = {
  401: "Say who you are: --header 'authorization: Bearer TOKEN' or --cookie 'session=VALUE'",
  403: 'Open the channel to this client in canRead, or say who you are: --header, --cookie',
  429: 'Raise maxConnectionsPerUser, or close some streams of this user',
  500: 'Look at what the application gave to onError: identify failed, or a hook',
  502: 'Start the application, or correct its address in the proxy (nginx: `proxy_pass`)',
  503: "Look at the application's database with trunkline doctor, and at maxConnections",
  504: 'Start the application, or correct its address in the proxy (nginx: `proxy_pass`)',
}

function explainFailure(error: unknown, isLate: boolean, { url, patienceMs }: StreamCheck): Finding {
  if (isLate) {
    const found = `${url.origin} gave no answer within ${patienceMs} ms`
    return wrong(check, found, 'Look whether the application answers at all; to wait longer: --timeout 30s')
  }
  const { code = '', message } = error as Error & { readonly code?: string }
  const why = message || code
  if (/CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(code)) {
    const found = `the certificate of ${url.host} is not trusted here (${why})`
    return wrong(check, found, 'If it is of your own authority: NODE_EXTRA_CA_CERTS=ca.pem trunkline doctor …')
  }
  return wrong(check, `${url.host} cannot be reached (${why})`, 'Correct --url, start the proxy, or open the port')
}
