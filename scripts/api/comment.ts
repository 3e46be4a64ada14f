/** What a TSDoc comment says, taken apart. */
export interface Comment {
  /** The description, without the default; paragraphs are separated by empty lines. */
  readonly text: string
  /** What stands behind "Defaults to". */
  readonly fallback: string | undefined
  /** One text for each `@throws`. */
  readonly throws: readonly string[]
  readonly params: readonly { readonly name: string; readonly text: string }[]
  readonly examples: readonly string[]
}

/** Reads the inside of a comment, without its slashes. */
export function readComment(raw: string): Comment {
  const lines = raw.split('\n').map((line) => line.replace(/^\s*\*? ?/, '').trimEnd())
  const [description = '', ...tags] = lines.join('\n').split(/^(?=@\w+)/m)
  const { text, fallback } = withoutDefault(flow(description))
  const of = (tag: string): string[] =>
    tags.filter((part) => part.startsWith(`@${tag}`)).map((part) => part.slice(tag.length + 1).trim())
  return {
    text,
    fallback,
    throws: of('throws').map((part) => flow(part.replace(/^\{TrunklineError\} /, ''))),
    params: of('param').map((part) => {
      const [, name = '', said = ''] = /^(\w+) ([^]*)$/.exec(flow(part)) ?? []
      return { name, text: said }
    }),
    examples: of('example').map((part) => part.replace(/^```\w*\n|\n```$/g, '')),
  }
}

/** Lines as paragraphs, links as names. Lists keep their lines. */
function flow(text: string): string {
  return text
    .trim()
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.replaceAll(/\n(?!- )\s*/g, ' '))
    .join('\n\n')
    .replaceAll(/\{@link (?:Trunkline\.)?([^}]+)\}/g, '`$1`')
}

/** The sentence that says the default, taken out. It ends with a full stop that no digit or letter follows. */
function withoutDefault(text: string): Pick<Comment, 'text' | 'fallback'> {
  const [sentence, fallback] = /(?:^| )Defaults to ((?:[^.:]|[.:](?=\S))+)(?=[.:](?:\s|$))\.?/.exec(text) ?? []
  // A default that goes on after a colon is part of what is said.
  if (sentence === undefined || !sentence.endsWith('.')) return { text, fallback: undefined }
  return { text: text.replace(sentence, '').trim(), fallback }
}
