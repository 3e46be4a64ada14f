// Loaded into every process that a test starts: when the test is killed, nobody writes to this stdin any more, and the process ends.
process.stdin.on('close', () => process.exit(1)).resume()
;(process.stdin as unknown as { unref(): void }).unref() // a pipe, which is a socket: it must not keep a finished script alive
