import type { Chapter, Entry } from './chapters.ts'
import type { Comment } from './comment.ts'
import { type Item, type Node, Source } from './source.ts'

/** The reference as a page of Markdown. */
export function render(chapters: readonly Chapter[]): string {
  const parts = chapters.map(({ title, intro, entries }) => `## ${title}\n\n${intro}\n\n${entries.map(entry).join('\n\n')}`)
  const contents = chapters.map(({ title }) => `- [${title}](#${anchor(title)})`)
  return `${[head, contents.join('\n'), ...parts].join('\n\n')}\n`
}

const head = `<!-- Written by \`pnpm api\` from the comments in the code: change those. -->

# Reference

Every option with its default, every method with its errors. Types are simplified: those of your events and transactions go through all of them.
What an error's code means is in [errors](errors.md); the ports of stores and notifiers are in [write your own Store](custom-store.md), and the
test harness in [testing](testing.md).`

function entry({ file, name, as }: Entry): string {
  const source = new Source(file)
  const item = source.find(name)
  if (as === 'words') return join(`### ${name}`, said(item.comment))
  if (as === 'options' || as === 'fields')
    return join(
      `### ${name}`,
      item.comment?.text,
      source
        .members(item)
        .map((member) => line(member, as))
        .join('\n'),
    )
  if (as !== undefined) {
    const { methodsOf, only } = as
    return methods(
      source.members(item).filter((member) => only?.includes(member.name) ?? true),
      methodsOf,
    )
  }
  return join(`### ${name}`, code(declarationOf(item)), said(item.comment))
}

/** A line of a list: the name, its type, whether it has to be there, its default, what it is. */
function line({ name, node, comment, say }: Item, as: 'options' | 'fields'): string {
  const isMethod = node.type === 'TSMethodSignature'
  const isOptional = node['optional'] === true
  const fallback = comment?.fallback === undefined ? '' : `, defaults to ${comment.fallback}`
  const notes = as === 'options' ? `${isOptional ? '' : ', **required**'}${fallback}` : isOptional ? ', may be absent' : ''
  const what = isMethod ? `- \`${say()}\`` : `- \`${name}\`: \`${say(typeOf(node))}\`${notes}`
  return [`${what}.`, comment?.text, ...throwsOf(comment)].filter((text) => text !== undefined && text !== '').join(' ')
}

/** Overloads stand together under one heading. */
function methods(members: readonly Item[], of: string): string {
  const names = [...new Set(members.map(({ name }) => name))].filter((name) => !name.startsWith("'"))
  return names
    .map((name) => {
      const its = members.filter((member) => member.name === name)
      const comments = its.map(({ comment }) => said(comment)).filter((text) => text !== '')
      return join(`### ${of === '' ? '' : `${of}.`}${name}`, code(its.map(({ say }) => say()).join('\n')), ...comments)
    })
    .join('\n\n')
}

function said(comment: Comment | undefined): string {
  if (comment === undefined) return ''
  const { text, fallback, params, examples } = comment
  return join(
    [text, ...(fallback === undefined ? [] : [`Defaults to ${fallback}.`])].join(' '),
    params.map(({ name, text: meaning }) => `- \`${name}\`: ${meaning}`).join('\n'),
    throwsOf(comment).join(' '),
    ...examples.map(code),
  )
}

function throwsOf(comment: Comment | undefined): readonly string[] {
  return (comment?.throws ?? []).map((text) => `Throws ${text.replace(/\.?$/, '.')}`)
}

/** A function without its body, and a type with its name. */
function declarationOf({ name, node, say }: Item): string {
  if (node.type === 'TSTypeAliasDeclaration') return `type ${name} =${typeText(node['typeAnnotation'] as Node, say)}`
  const body = node['body'] as Node | undefined
  const signature = body === undefined || body === null ? say() : say({ ...node, end: body.start, body: null })
  return (
    signature
      .replace(/^(?:async )?function /, '')
      // How a function takes its options apart is its own business.
      .replaceAll(/\{[^{}]*\}(?=: \w+Options)/g, 'options')
      .replaceAll(/: (\w+) = \{\}/g, '?: $1')
  )
}

/** A long union has a line for each of its members. */
function typeText(node: Node, say: Item['say']): string {
  const text = say(node)
  if (node.type !== 'TSUnionType' || text.length < 100) return ` ${text}`
  return (node['types'] as readonly Node[]).map((type) => `\n  | ${say(type)}`).join('')
}

function typeOf(member: Node): Node {
  const annotation = member['typeAnnotation'] as { readonly typeAnnotation: Node }
  return annotation.typeAnnotation
}

function code(text: string): string {
  return `\`\`\`ts\n${text}\n\`\`\``
}

function join(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join('\n\n')
}

/** As GitHub makes it of a heading. */
function anchor(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-')
}
