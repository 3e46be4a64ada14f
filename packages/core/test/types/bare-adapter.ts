import type { IncomingMessage, ServerResponse } from 'node:http'

import type { Connectable } from '@trunkline/core'
import { type AdapterOptions, createHttp } from '@trunkline/core/http'

import { clientScript } from '../../../client/src/script/index.ts'

/** A whole adapter, as somebody else would write it for a host of theirs. */
export function bareAdapter<User>(trunkline: Connectable<User>, options: AdapterOptions<IncomingMessage, User>) {
  const answer = createHttp(trunkline, { ...options, clientScript })
  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const answered = await answer({
      method: req.method ?? 'GET',
      url: req.url ?? '/',
      params: {},
      header: (name) => req.headers[name]?.toString() ?? null,
      identify: () => options.identify(req),
      toRequest: () => new Request(`http://localhost${req.url}`),
    })
    if (answered === null) {
      res.writeHead(404).end()
      return
    }
    const { status, headers, body } = answered
    res.writeHead(status, Object.fromEntries(headers))
    if (body === null || typeof body === 'string') {
      res.end(body)
      return
    }
    res.once('close', () => body.close())
    for await (const chunk of body)
      if (!res.write(chunk)) await new Promise((resume) => res.once('drain', resume).once('close', resume))
    res.end()
  }

  return (req: IncomingMessage, res: ServerResponse): void => {
    handle(req, res).catch((error: unknown) => {
      trunkline.report?.(error, { stage: 'connection' })
      res.destroy()
    })
  }
}
