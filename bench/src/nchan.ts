import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const modules = ['/usr/lib/nginx/modules/ngx_nchan_module.so', '/usr/lib64/nginx/modules/ngx_nchan_module.so']

/** nchan's module, where Debian's libnginx-mod-nchan puts it. */
export const nchanModule = (): string | undefined => modules.find((path) => existsSync(path))

/** nginx, which is in /usr/sbin: not in everybody's PATH. */
export function nginx(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
  return folders.map((folder) => join(folder, 'nginx')).find((path) => existsSync(path))
}

export function hasNchan(): boolean {
  return nchanModule() !== undefined && nginx() !== undefined
}
