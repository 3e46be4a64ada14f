/**
 * When a client comes back to a stream that the server ended, in milliseconds: spread over two seconds, so that those of a server that
 * stops do not come to the next one all at once.
 */
export function comeBack(): number {
  return 500 + Math.random() * 2_000
}
