import type { IncomingHttpHeaders } from 'node:http'

/** The lines that cure a proxy: of the one that names itself in its answers, or of those that do it most often. */
export interface Cures {
  readonly buffering: string
  readonly http2: string
  readonly timeout: string
  readonly compression: string
}

export function curesFor(headers: IncomingHttpHeaders): Cures {
  const names = [headers['server'], headers['via']].join(' ').toLowerCase()
  if (names.includes('caddy')) return caddy
  return names.includes('nginx') || names.includes('openresty') ? nginx : any
}

const nginx: Cures = {
  buffering:
    'nginx: `proxy_buffering off;` in the location of the stream, and no `proxy_ignore_headers X-Accel-Buffering` (docs/proxies/nginx.md)',
  http2: 'nginx: `listen 443 ssl http2;`, from 1.25.1 on `http2 on;`',
  timeout: 'nginx: `proxy_read_timeout 60s;`, above heartbeatMs',
  compression: 'nginx: no text/event-stream among `gzip_types`',
}

const caddy: Cures = {
  buffering: 'Caddy: `flush_interval -1` in reverse_proxy (docs/proxies/caddy.md)',
  http2: 'Caddy speaks it by itself over TLS: `protocols h1 h2 h3` in the options of its servers',
  timeout: 'Caddy: no `read_timeout` in the transport of reverse_proxy below heartbeatMs',
  compression: 'Caddy: no text/event-stream in the `match` of `encode`',
}

const any: Cures = {
  buffering: 'Switch off response buffering for the stream. nginx: `proxy_buffering off;`; others: docs/proxies/other.md',
  http2: 'Switch on HTTP/2 where TLS ends. nginx: `listen 443 ssl http2;`; HAProxy: `alpn h2,http/1.1`',
  timeout: 'Raise the read timeout above heartbeatMs. nginx: `proxy_read_timeout 60s;`; HAProxy: `timeout server 60s`',
  compression: 'Switch off compression for text/event-stream; compression middleware in the application counts as well',
}
