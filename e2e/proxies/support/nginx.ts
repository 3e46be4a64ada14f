import { all, replace } from './page.ts'
import type { ProxyKind } from './proxy.ts'

/** nginx, with everything that it writes in its own folder. */
export const nginx: ProxyKind = {
  name: 'nginx',
  file: 'nginx.conf',
  locate: ({ folder, port, servers: [one, two] }) =>
    all(
      replace('listen 443', `listen 127.0.0.1:${port}`),
      replace('127.0.0.1:3000', `127.0.0.1:${one}`),
      replace('127.0.0.1:3001', `127.0.0.1:${two}`),
      replace('/etc/ssl/example.com', `${folder}/example.com`),
      // Where Debian's nginx keeps these, only root may write.
      replace(
        'http {\n',
        `pid ${folder}/nginx.pid;\nhttp {\n  access_log off;\n${temporary.map((name) => `  ${name}_temp_path ${folder}/${name};\n`).join('')}`,
      ),
    ),
  impatient: replace('proxy_read_timeout 60s', 'proxy_read_timeout 1s'),
  args: ({ folder }) => [
    '-e',
    'stderr',
    '-p',
    folder,
    '-c',
    `${folder}/nginx.conf`,
    '-g',
    'daemon off; error_log stderr notice;',
  ],
  ready: /start worker process \d+/,
}

const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
