import { html, type Html, type Part } from './html.ts'

/** What every field of a form has. */
export interface FieldOptions {
  readonly name: string
  readonly label: string
  readonly value?: string | undefined
  /** What is wrong with the value: it stands beside the field, and is read out with it. */
  readonly problem?: string | undefined
  readonly hint?: string | undefined
  /** Over the whole width. Defaults to false. */
  readonly isWide?: boolean
}

/** One line of text. */
export function textField(options: FieldOptions & { readonly list?: string | undefined; readonly placeholder?: string }): Html {
  const { name, value, list, placeholder } = options
  return field(
    options,
    html`<input
      id="${idOf(name)}"
      name="${name}"
      value="${value ?? ''}"
      ${list !== undefined && html`list="${list}"`}
      ${placeholder !== undefined && html`placeholder="${placeholder}"`}
      autocomplete="off"
      spellcheck="false"
      autocapitalize="none"
      ${about(options)}
    />`,
  )
}

/** A time in UTC, to the second, or to the millisecond where it has some. */
export function timeField(options: FieldOptions & { readonly date: Date | undefined }): Html {
  const { name, date } = options
  const hasMs = (date?.getUTCMilliseconds() ?? 0) > 0
  const value = date?.toISOString().slice(0, hasMs ? 23 : 19)
  return field(
    options,
    html`<input
      type="datetime-local"
      step="${hasMs ? 0.001 : 1}"
      id="${idOf(name)}"
      name="${name}"
      value="${value ?? ''}"
      ${about(options)}
    />`,
  )
}

/** Several lines of text. */
export function textArea(options: FieldOptions & { readonly rows?: number }): Html {
  const { name, value, rows = 8 } = options
  // The parser drops a line break right after the tag, so there is one.
  return field(
    options,
    html`<textarea id="${idOf(name)}" name="${name}" rows="${rows}" autocomplete="off" spellcheck="false" ${about(options)}>
${value ?? ''}</textarea>`,
  )
}

/** One of a few. */
export function selectField(
  options: FieldOptions & { readonly options: readonly { readonly value: string; readonly label: string }[] },
): Html {
  const { name, value } = options
  return field(
    options,
    html`<select id="${idOf(name)}" name="${name}" ${about(options)}>
      ${options.options.map(
        (one) => html`<option value="${one.value}" ${one.value === value && html`selected`}>${one.label}</option>`,
      )}
    </select>`,
  )
}

/** What may be chosen from for a field that takes anything: `list` of {@link textField}. */
export function suggestions(id: string, values: readonly string[]): Html {
  return html`<datalist id="${id}">${values.map((value) => html`<option value="${value}"></option>`)}</datalist>`
}

/** What a form that posts begins with: it says that it is a form of ours. */
export function tokenField(token: string): Html {
  return html`<input type="hidden" name="token" value="${token}" />`
}

/** Fields that are sent and not seen. */
export function hiddenFields(params: Readonly<Record<string, string | undefined>>): Part {
  return Object.entries(params).map(
    ([name, value]) => value !== undefined && html`<input type="hidden" name="${name}" value="${value}" />`,
  )
}

function field({ name, label, problem, hint, isWide = false }: FieldOptions, input: Html): Html {
  return html`<div class="field ${isWide && 'wide'}">
    <label for="${idOf(name)}">${label}</label>
    ${problem !== undefined && html`<p class="problem" id="${idOf(name)}-problem">${problem}</p>`} ${input}
    ${hint !== undefined && html`<p class="hint soft" id="${idOf(name)}-hint">${hint}</p>`}
  </div>`
}

function about({ name, problem, hint }: FieldOptions): Html {
  const ids = [problem !== undefined && `${idOf(name)}-problem`, hint !== undefined && `${idOf(name)}-hint`].filter(Boolean)
  return html`${ids.length > 0 && html`aria-describedby="${ids.join(' ')}"`} ${problem !== undefined && html`aria-invalid="true"`}`
}

function idOf(name: string): string {
  return `field-${name}`
}
