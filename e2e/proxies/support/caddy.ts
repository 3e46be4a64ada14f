import { after, all, replace } from './page.ts'
import type { ProxyKind } from './proxy.ts'

/** Caddy, with a certificate of ours in the place of those that it gets by itself. */
export const caddy: ProxyKind = {
  name: 'caddy',
  file: 'Caddyfile',
  locate: ({ folder, port, servers: [one, two] }) =>
    all(
      replace('127.0.0.1:3000', `127.0.0.1:${one}`),
      replace('127.0.0.1:3001', `127.0.0.1:${two}`),
      replace('example.com {\n', `example.com {\n\tbind 127.0.0.1\n\ttls ${folder}/example.com.crt ${folder}/example.com.key\n`),
      replace(
        '{\n\tgrace_period',
        `{\n\thttps_port ${port}\n\tauto_https disable_redirects\n\tadmin unix/${folder}/admin.sock\n\tgrace_period`,
      ),
    ),
  impatient: after(
    '\tgrace_period 30s',
    '\tservers {',
    '\t\ttimeouts {',
    ...['read_body 1s', 'read_header 1s', 'idle 1s'].map((line) => `\t\t\t${line}`),
    '\t\t}',
    '\t}',
  ),
  args: ({ folder }) => ['run', '--config', `${folder}/Caddyfile`, '--adapter', 'caddyfile'],
  ready: /serving initial configuration/,
}
