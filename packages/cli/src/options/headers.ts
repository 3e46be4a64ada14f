import { UsageError } from '../exit-codes.ts'

/** What is sent along with each request. */
export interface HeaderOptions {
  readonly header?: readonly string[]
  readonly cookie?: string
}

const name = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const value = /^[\t\u0020-\u007e\u0080-\u00ff]*$/

/** Checks the headers. Its errors do not repeat them: they may be secrets. */
export function headersOf({ header = [], cookie }: HeaderOptions): Readonly<Record<string, string>> {
  if (cookie !== undefined && !value.test(cookie))
    throw new UsageError("--cookie has a character that a header cannot have. Example: --cookie 'session=VALUE'")
  const headers = header.map((line): [string, string] => {
    const [left = '', ...right] = line.split(':')
    const given = right.join(':').trim()
    if (right.length > 0 && name.test(left) && value.test(given)) return [left.toLowerCase(), given]
    throw new UsageError(
      "--header takes a name and a value, in characters that a header can have. Example: --header 'authorization: Bearer TOKEN'",
    )
  })
  return Object.fromEntries([...headers, ...(cookie === undefined ? [] : [['cookie', cookie]])])
}
