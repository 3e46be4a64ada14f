/** For failures without a caller: seen as an uncaught error by the page's error tracking, and stops nothing here. */
export function reportFailure(error: unknown): void {
  // Missing in Node.
  const report: ((error: unknown) => void) | undefined = globalThis.reportError
  ;(report ?? console.error)(error)
}
