import { inject } from 'vitest'

import { startProxy, type TcpProxy } from '../../support/tcp-proxy.ts'

/** A network in front of the database that all tests share. */
export function databaseProxy(): Promise<TcpProxy> {
  const { hostname: host, port } = new URL(inject('databaseUrl'))
  return startProxy({ target: { host, port: Number(port || 5432) } })
}

/** The same address, by way of a port on this machine. */
export function through(port: number, url: string): string {
  return Object.assign(new URL(url), { host: `127.0.0.1:${port}` }).href
}
