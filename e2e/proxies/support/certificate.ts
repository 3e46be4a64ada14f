import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A certificate of example.com, and of 127.0.0.1, that it has signed itself, and its key. */
export interface Certificate {
  readonly certificate: string
  readonly key: string
}

let made: Promise<Certificate> | undefined

/** Makes one in a folder; the same for all of this process. */
export function makeCertificate(folder: string): Promise<Certificate> {
  return (made ??= make(folder))
}

async function make(folder: string): Promise<Certificate> {
  const [certificate, key] = [join(folder, 'made.crt'), join(folder, 'made.key')]
  const options =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=example.com -addext subjectAltName=DNS:example.com,IP:127.0.0.1'
  await run('openssl', [...options.split(' '), '-keyout', key, '-out', certificate])
  return { certificate: await readFile(certificate, 'utf8'), key: await readFile(key, 'utf8') }
}
