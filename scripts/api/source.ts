import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { parseSync } from 'oxc-parser'

import { type Comment, readComment } from './comment.ts'

/** A part of the syntax tree, by shape: of its many kinds only a few matter here. */
export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

/** Something that has a name, and what its comment says. */
export interface Item {
  readonly name: string
  readonly node: Node
  readonly comment: Comment | undefined
  /** The text of the node without type parameters, or of a part of it. */
  say(node?: Node): string
}

/** Type parameters carry types from the options to the methods; who reads a reference knows what events they have. */
const carried = new Set([
  'E',
  'K',
  'C',
  'Tx',
  'User',
  'Native',
  'Req',
  'Prefix',
  'EventsOfCatalogue',
  'EventsOf',
  'TypeOfKey',
  'T',
])

/** What they stand for where they are all there is. */
const bare: Readonly<Record<string, string>> = { C: 'Catalogue', K: 'string', Tx: 'Transaction' }

/** One file of the packages, as its declarations. */
export class Source {
  readonly #text: string
  readonly #comments: readonly { readonly type: string; readonly value: string; readonly start: number; readonly end: number }[]
  readonly #body: readonly Node[]

  constructor(path: string) {
    this.#text = readFileSync(join(import.meta.dirname, '../..', path), 'utf8')
    const { program, comments, errors } = parseSync(path, this.#text)
    if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`)
    this.#comments = comments
    this.#body = program.body as unknown as readonly Node[]
  }

  /** What is declared under a name, exported or not. */
  find(name: string): Item {
    for (const statement of this.#body) {
      const declared = isNode(statement['declaration']) ? statement['declaration'] : statement
      if (nameOf(declared) === name) return this.#item(name, declared, statement)
    }
    throw new Error(`There is no ${name}.`)
  }

  /** The members of an interface, in the order in which they stand; overloads are several. */
  members({ node }: Item): readonly Item[] {
    return bodyOf(node).map((member) => this.#item(this.#text.slice(...range(member['key'])), member, member))
  }

  #item(name: string, node: Node, commented: Node): Item {
    return { name, node, comment: this.#commentBefore(commented), say: (part = node) => this.#say(part) }
  }

  #commentBefore({ start }: Node): Comment | undefined {
    const last = this.#comments.findLast(({ type, end }) => type === 'Block' && end <= start)
    // A line for the linter may stand between.
    const between = last === undefined ? '' : this.#text.slice(last.end, start).replaceAll(/^\s*\/\/.*$/gm, '')
    if (between.trim() !== '') return undefined
    return last?.value.startsWith('*') === true ? readComment(last.value.slice(1)) : undefined
  }

  #say(node: Node): string {
    const changes = [...this.#changes(node)].toSorted((a, b) => a.start - b.start)
    let text = ''
    let from = node.start
    for (const { start, end, by } of changes) {
      if (start < from) continue
      text += this.#text.slice(from, start) + by
      from = end
    }
    return (text + this.#text.slice(from, node.end))
      .replaceAll(/\/\*\*[^]*?\*\//g, '')
      .replaceAll(/\breadonly /g, '')
      .replaceAll(/(?<=[^{;|&(,\s])\s*\n\s*(?=\w+\??:)/g, '; ')
      .replaceAll(/\s+/g, ' ')
      .replaceAll(/([(<{[]) (?=[^}])/g, (_, bracket: string) => (bracket === '{' ? '{ ' : bracket))
      .replaceAll(/,? ([)>\]])/g, '$1')
      .replace(/^= \| /, '')
      .replace(/^\| /, '')
      .trim()
  }

  /** Type parameters that only carry types are left out, and what they stand for is named. */
  #changes(node: Node): readonly Change[] {
    const by = this.#replacement(node)
    if (by !== undefined) return [{ start: node.start, end: node.end, by }]
    return Object.values(node).flatMap((value) => [value].flat().flatMap((child) => (isNode(child) ? this.#changes(child) : [])))
  }

  #replacement(node: Node): string | undefined {
    switch (node.type) {
      case 'TSTypeParameterDeclaration':
        return ''
      case 'TSTypeParameterInstantiation': {
        const kept = (node['params'] as readonly Node[]).filter(
          (param) => !carried.has(this.#text.slice(...range(param)).replace(/<.*/s, '')),
        )
        return kept.length === 0 ? '' : `<${kept.map((param) => this.#say(param)).join(', ')}>`
      }
      case 'TSTypeReference':
        return bare[this.#text.slice(node.start, node.end)]
      default:
        return undefined
    }
  }
}

interface Change {
  readonly start: number
  readonly end: number
  readonly by: string
}

function bodyOf(node: Node): readonly Node[] {
  const { body } = node['body'] as { readonly body: readonly Node[] }
  return body.filter(({ type }) => type === 'TSPropertySignature' || type === 'TSMethodSignature')
}

function nameOf(declaration: Node): string | undefined {
  return (declaration['id'] as { readonly name?: string } | null | undefined)?.name
}

function range(node: unknown): [number, number] {
  return isNode(node) ? [node.start, node.end] : [0, 0]
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
}
