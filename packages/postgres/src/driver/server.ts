import { TrunklineError } from '@trunkline/core'
import postgresJs from 'postgres'

/** Where a server is and how to log in: what a URL or a caller's postgres.js instance comes down to. */
export interface Server {
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
  /** A Unix socket, instead of hosts. */
  readonly path: string | undefined
  readonly database: string
  readonly user: string
  readonly password: string | (() => string | Promise<string>)
  readonly ssl: postgresJs.Options<{}>['ssl']
  /** Driver options that are passed on as they are. */
  readonly rest: Pick<postgresJs.Options<{}>, 'target_session_attrs'> & { readonly sslnegotiation?: string | null }
  /** Startup parameters. */
  readonly parameters: Readonly<Record<string, string>>
  /** How the caller opens sockets, if in a way of their own (a tunnel, say). */
  readonly openSocket: ((options: unknown) => unknown) | undefined
  /** For messages: never with the password. */
  readonly description: string
}

/** What postgres.js makes of a URL and options. */
interface ParsedOptions {
  readonly host: readonly string[]
  readonly port: readonly number[]
  readonly path?: string | false
  readonly database: string
  readonly user: string
  readonly pass: Server['password'] | null
  readonly ssl: Server['ssl']
  readonly sslnegotiation?: string | null
  readonly target_session_attrs?: postgresJs.Options<{}>['target_session_attrs']
  readonly connection?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly socket?: Server['openSocket']
}

/** Settings that other clients read from a URL. The server would refuse the connection over them. */
const clientSettings = new Set(
  'schema connection_limit pool_timeout socket_timeout pgbouncer statement_cache_size sslaccept sslidentity sslpassword sslcert sslkey channel_binding gssencmode passfile service'.split(
    ' ',
  ),
)

/**
 * The server a URL names. Opens no connection.
 *
 * @throws {TrunklineError} `invalid_options`
 */
export function serverFromUrl(url: string, option: string): Server {
  try {
    if (!/^postgres(ql)?:\/\//.test(url)) throw new Error('it does not start with postgres://')
    // The instance is only asked what it understood; the driver is who knows all the forms a URL can have.
    return serverFromOptions(postgresJs(url, { max: 1 }).options)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new TrunklineError(
      'invalid_options',
      `${option} is not a PostgreSQL URL (${why}). It looks like postgres://user:password@host:5432/database; special characters in the password are percent-encoded.`,
    )
  }
}

/** The server that a postgres.js instance is for. */
export function serverFromOptions(options: unknown): Server {
  // The driver's type hides half of what it parses; 3.4.9 was read for this.
  const { host, port, path, database, user, pass, ssl, sslnegotiation, target_session_attrs, connection, socket } =
    options as ParsedOptions
  const hosts = host.map((name, index) => ({ host: name, port: port[index] ?? port[0] ?? 5432 }))
  const where = path ? path : hosts.map((at) => `${at.host}:${at.port}`).join(', ')
  return {
    hosts,
    path: path || undefined,
    database,
    user,
    password: pass ?? '',
    ssl,
    rest: {
      ...(sslnegotiation == null ? {} : { sslnegotiation }),
      ...(target_session_attrs == null ? {} : { target_session_attrs }),
    },
    parameters: startupParameters(connection ?? {}),
    openSocket: socket,
    description: `${where}, database "${database}", role "${user}"`,
  }
}

function startupParameters(connection: NonNullable<ParsedOptions['connection']>): Readonly<Record<string, string>> {
  const given = Object.entries(connection).filter(([name, value]) => value !== undefined && !clientSettings.has(name))
  // The driver's own name, where none was given: ours says more.
  return Object.fromEntries(given.filter(([, value]) => value !== 'postgres.js').map(([name, value]) => [name, String(value)]))
}
