/** What a link carries beside the page; what is undefined or empty is left out. */
export type Params = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * The address of a page: a query and nothing else, which a browser resolves against wherever it is. So links work under any mount,
 * with or without a slash at its end, and whether or not the framework has taken the mount off what the handler sees.
 */
export function link(page: string, params: Params = {}): string {
  const query = new URLSearchParams({ page })
  for (const [name, value] of Object.entries(params)) {
    for (const one of [value ?? []].flat()) if (one !== '') query.append(name, one)
  }
  return `?${query}`
}
