import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { diagnose } from '../support/command.ts'
import { nginx } from './support/nginx.ts'
import { after, all, type Edit, replace, without } from './support/page.ts'
import { hasProxy, startProxy } from './support/proxy.ts'
import { shareBackends } from './support/shared.ts'

/** As many have it at first: no TLS, and so no HTTP/2. */
const plain: Edit = all(replace(' ssl http2;', ';'), without('ssl_certificate'))

describe.skipIf(!hasProxy(nginx))('doctor through nginx (skipped where the programs nginx and openssl are not installed)', () => {
  const shared = shareBackends()

  test('finds nothing wrong with the configuration of the docs: unbuffered, HTTP/2, resumes, heartbeats', async () => {
    await using proxy = await startProxy(nginx, shared.beating.ports)
    const env = { NODE_EXTRA_CA_CERTS: join(proxy.folder, 'example.com.crt') }
    const { code, findings } = await diagnose(['--url', `https://127.0.0.1:${proxy.port}/realtime/sse`], env)
    expect(findings.map(({ check, state }) => `${check}: ${state}`)).toEqual([
      'public URL: ok',
      'unbuffered: ok',
      'HTTP/2: ok',
      'resume: ok',
      'heartbeat: ok',
    ])
    expect(code).toBe(0)
  })

  test('says whom to trust where the certificate is of nobody it knows', async () => {
    await using proxy = await startProxy(nginx, shared.beating.ports)
    const { code, findings } = await diagnose(['--url', `https://127.0.0.1:${proxy.port}/realtime/sse`])
    expect(code).toBe(1)
    expect(findings).toEqual([expect.objectContaining({ cure: expect.stringContaining('NODE_EXTRA_CA_CERTS') as unknown })])
  })

  test.for([
    ['HTTP/1.1', replace(' ssl http2;', ' ssl;')],
    ['HTTP/2, with HTTP/1.0 to the servers', all(without('proxy_http_version'), without('proxy_set_header Connection'))],
  ] as const)('finds one that buffers, over %s, and says the line that cures it', async ([, version]) => {
    const buffering = after('proxy_pass http://app;', 'proxy_ignore_headers X-Accel-Buffering;')
    await using proxy = await startProxy(nginx, shared.beating.ports, all(version, buffering))
    const env = { NODE_EXTRA_CA_CERTS: join(proxy.folder, 'example.com.crt') }
    const { code, findings } = await diagnose(['--url', `https://127.0.0.1:${proxy.port}/realtime/sse`, '--timeout', '1s'], env)
    expect(code).toBe(1)
    expect(findings.filter(({ state }) => state === 'wrong')).toEqual([
      {
        check: 'unbuffered',
        state: 'wrong',
        found: expect.stringContaining('within 1000 ms: something in between holds the stream back') as unknown,
        cure: expect.stringMatching(/^nginx: `proxy_buffering off;`.*no `proxy_ignore_headers X-Accel-Buffering`/) as unknown,
      },
    ])
  })

  test('finds one that takes Last-Event-ID away', async () => {
    const taking = after('proxy_pass http://app;', 'proxy_set_header Last-Event-ID "";')
    await using proxy = await startProxy(nginx, shared.beating.ports, all(plain, taking))
    const { code, findings } = await diagnose(['--url', `http://127.0.0.1:${proxy.port}/realtime/sse`])
    expect(code).toBe(1)
    expect(findings.filter(({ state }) => state === 'wrong')).toEqual([
      expect.objectContaining({ check: 'resume', cure: expect.stringContaining('Last-Event-ID') as unknown }),
    ])
  })

  test('finds one that cuts quiet streams, after how long, and the line that gives them more', async () => {
    await using proxy = await startProxy(nginx, shared.silent.ports, all(plain, nginx.impatient))
    const { findings } = await diagnose(['--url', `http://127.0.0.1:${proxy.port}/realtime/sse`])
    expect(findings.at(-1)).toEqual({
      check: 'heartbeat',
      state: 'wrong',
      found: expect.stringMatching(/cut after (0\.9|1\.\d) s/) as unknown,
      cure: expect.stringContaining('nginx: `proxy_read_timeout 60s;`') as unknown,
    })
  })
})
