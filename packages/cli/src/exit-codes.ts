/** What the command ends with. docs/command.md tells users. */
export const exitCodes = {
  /** Done. Also of a `tail` that was ended by Ctrl-C or whose reader went away. */
  ok: 0,
  /** It could not be done, or `doctor` found something wrong. */
  failed: 1,
  /** The command line is wrong: nothing was done. */
  usage: 2,
  /** `migrate --status`: migrations are pending. */
  pending: 3,
  /** Ctrl-C. */
  interrupted: 130,
} as const

/** The command line is wrong. The message names the option and shows a right example. */
export class UsageError extends Error {}

/** Ctrl-C, or the reader of a pipe went away. */
export class Interrupted extends Error {}
