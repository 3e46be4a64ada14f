import { all, replace } from './page.ts'
import type { ProxyKind } from './proxy.ts'

/** HAProxy, as a master and its worker. */
export const haproxy: ProxyKind = {
  name: 'haproxy',
  file: 'haproxy.cfg',
  locate: ({ folder, port, servers: [one, two] }) =>
    all(
      replace('bind :443', `bind 127.0.0.1:${port}`),
      replace('127.0.0.1:3000', `127.0.0.1:${one}`),
      replace('127.0.0.1:3001', `127.0.0.1:${two}`),
      replace('/etc/haproxy/example.com', `${folder}/example.com`),
    ),
  impatient: all(replace('timeout client 60s', 'timeout client 1s'), replace('timeout server 60s', 'timeout server 1s')),
  args: ({ folder }) => ['-W', '-db', '-f', `${folder}/haproxy.cfg`],
  ready: /Loading success/,
}
