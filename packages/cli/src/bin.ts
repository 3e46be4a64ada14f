#!/usr/bin/env node
import { run } from './run.ts'

const interrupted = new AbortController()
// Once: a second Ctrl-C ends the process as if there were nobody to hear it.
process.once('SIGINT', () => interrupted.abort())
process.once('SIGTERM', () => interrupted.abort())

const { stdin, stdout, stderr, env } = process
process.exitCode = await run(process.argv.slice(2), { stdin, stdout, stderr, env, signal: interrupted.signal })
// What was interrupted may still wait for an answer, and nobody waits for that.
if (interrupted.signal.aborted) process.exit()
