import * as v from 'valibot'

/** The one channel of this chat. */
export const lobby = 'lobby'

export const maxNameLength = 40
export const maxTextLength = 500

// Both limits are maxlength of the page's fields too: HTML and valibot count the same units.
export const nameSchema = v.pipe(
  v.string('Pick a name.'),
  v.trim(),
  v.nonEmpty('Pick a name.'),
  v.maxLength(maxNameLength, `A name has at most ${maxNameLength} characters.`),
  v.regex(/^\P{Cc}*$/u, 'A name has no control characters.'),
)

const textSchema = v.pipe(
  v.string('Write something first.'),
  v.trim(),
  v.nonEmpty('Write something first.'),
  v.maxLength(maxTextLength, `A message has at most ${maxTextLength} characters.`),
)

/** Every event says through which server process it came, to make the way from process to process visible. */
const port = v.number()

/** The catalogue: all that travels in this example, and what it carries. */
export const events = {
  /** To the lobby: this is where messages are kept, there is no other table. */
  chat_message: v.object({ name: nameSchema, text: textSchema, port }),
  /** To one person. With ':id' it is also fired as task_progress:<id>, so that each progress bar listens to its own task. */
  task_progress: v.object({
    ':id': v.string(),
    percent: v.pipe(v.number(), v.minValue(0), v.maxValue(100)),
    state: v.picklist(['running', 'done', 'interrupted']),
    port,
  }),
  /** To everyone, and not stored: nobody wants yesterday's time. */
  clock: v.object({ now: v.pipe(v.string(), v.isoTimestamp()), port }),
} as const
