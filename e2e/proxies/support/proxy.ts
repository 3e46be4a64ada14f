import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { freePort } from '../../../scripts/embedded-postgres/free-port.ts'
import { findServerUser } from '../../../scripts/embedded-postgres/server-user.ts'
import { makeCertificate } from './certificate.ts'
import { blockOf, type Edit } from './page.ts'
import { findProgram } from './program.ts'

/** What a configuration is filled in with. */
export interface Place {
  /** Its own: for certificates, and for whatever the proxy writes. */
  readonly folder: string
  readonly port: number
  /** Of the two server processes. */
  readonly servers: readonly [number, number]
}

/** A kind of proxy. */
export interface ProxyKind {
  readonly name: 'nginx' | 'haproxy' | 'caddy'
  /** The name of the page's block, and of the file. */
  readonly file: string
  /** Makes of the page's configuration one for this place. */
  locate(place: Place): Edit
  /** The longest that a stream of nothing may last, set to a second. */
  readonly impatient: Edit
  args(place: Place): readonly string[]
  /** What it says when it takes connections. */
  readonly ready: RegExp
}

/** A proxy that runs, as an ordinary process of an ordinary user. */
export interface Proxy extends AsyncDisposable {
  readonly port: number
  readonly folder: string
  /** What has signed its certificate. */
  readonly ca: string
  /** What it has said so far. */
  readonly output: string
  readonly pid: number
  /** Puts a changed configuration in the place of the one it was started with. The proxy has to be told. */
  edit(edit: Edit): Promise<void>
}

/** Whether this machine has what the tests of a kind need. */
export function hasProxy({ name }: Pick<ProxyKind, 'name'>): boolean {
  const missing = [name, 'openssl'].filter((program) => findProgram(program) === null)
  if (missing.length > 0) console.log(`The tests of ${name} are skipped: this machine has no ${missing.join(' and no ')}.`)
  return missing.length === 0
}

/** Starts one in front of two servers, with the configuration of its page, changed where a test wants it. */
export async function startProxy(
  kind: ProxyKind,
  servers: readonly [number, number],
  edit: Edit = (same) => same,
): Promise<Proxy> {
  for (let attempt = 1; ; attempt++) {
    const started = await tryToStart(kind, servers, edit)
    if ('proxy' in started) return started.proxy
    // Somebody else may have taken the free port.
    if (attempt === 3) throw new Error(`${kind.name} did not start:\n${started.output}`)
  }
}

async function tryToStart(
  kind: ProxyKind,
  servers: readonly [number, number],
  edit: Edit,
): Promise<{ readonly proxy: Proxy } | { readonly output: string }> {
  const user = await findServerUser()
  const folder = await mkdtemp(join(tmpdir(), `trunkline-${kind.name}-`))
  const place: Place = { folder, port: await freePort(), servers }
  const { certificate, key } = await makeCertificate(folder)
  const filled = edit(kind.locate(place)(await blockOf(`${kind.name}.md`, kind.file)))
  const files = {
    [kind.file]: filled,
    'example.com.crt': certificate,
    'example.com.key': key,
    'example.com.pem': certificate + key,
  }
  for (const [name, content] of Object.entries(files)) await write(name, content)
  if (user !== null) await chown(folder, user.uid, user.gid)

  const path = findProgram(kind.name) ?? kind.name
  // A group of its own, so that its workers can be ended with it. What it keeps at home stays in its folder.
  const child = spawn(path, kind.args(place), {
    ...user,
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder },
  })
  const ended = once(child, 'close')
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      child.emit('output')
    })
  }
  const watcher = watch(child)
  const dispose = async (): Promise<void> => {
    watcher.kill('SIGKILL')
    kill(child)
    await ended
    await rm(folder, { recursive: true, force: true })
  }
  while (!kind.ready.test(output)) {
    const said = once(child, 'output').then(() => true)
    if (!(await Promise.race([said, ended.then(() => false)]))) {
      await dispose()
      return { output }
    }
  }
  return {
    proxy: {
      port: place.port,
      folder,
      ca: certificate,
      pid: child.pid as number, // it has said something
      get output() {
        return output
      },
      edit: (change) => write(kind.file, change(filled)),
      [Symbol.asyncDispose]: dispose,
    },
  }

  async function write(name: string, content: string): Promise<void> {
    const file = join(folder, name)
    await writeFile(file, content)
    if (user !== null) await chown(file, user.uid, user.gid)
  }
}

/** The last line of defence, for tests that are killed: when nobody can write to its stdin any more, it ends the proxy and its workers. */
function watch({ pid }: ChildProcess): ChildProcess {
  const script = `cat >/dev/null; kill -KILL -- -${pid}`
  const watcher = spawn('sh', ['-c', script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  watcher.stdin.on('error', () => {})
  watcher.unref()
  return watcher
}

function kill({ pid }: ChildProcess): void {
  try {
    process.kill(-(pid as number), 'SIGKILL') // a failed spawn throws before
  } catch (error) {
    // Nobody is left in the group.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
