import { UsageError } from '../exit-codes.ts'

/** What is sent along with each request. */
export interface HeaderOptions {
  readonly header?: readonly string[]
  readonly cookie?: string
}

export function headersOf({ header = [], cookie }: HeaderOptions): Readonly<Record<string, string>> {
  const headers: Record<string, string> = cookie === undefined ? {} : { cookie }
  for (const line of header) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*([\t\u0020-\u007e\u0080-\u00ff]*)$/.exec(line) ?? []
    // Not the line itself: it may be a secret.
    if (name === undefined || value === undefined)
      throw new UsageError("--header takes a name and a value. Example: --header 'authorization: Bearer …'")
    headers[name.toLowerCase()] = value
  }
  return headers
}
