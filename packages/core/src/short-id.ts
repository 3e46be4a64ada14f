/** A random id that is unlike any other for as long as a process lives: 60 bits in 16 characters, because status lines are short. */
export function shortId(): string {
  return crypto.randomUUID().replaceAll('-', '').slice(0, 16)
}
