import type { Viewer } from './authorize.ts'
import { fileLink } from './files.ts'
import { html, type Html } from './html.ts'
import { link } from './link.ts'
import type { Page } from './page.ts'
import { pages } from './pages/index.ts'

/** The frame of every page: what comes before its content, and what comes after. */
export function frame(title: string, page: Page | null, viewer: Viewer): readonly [head: Html, foot: Html] {
  const head = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="robots" content="noindex" />
      <title>${title} · Trunkline</title>
      <link rel="icon" type="image/svg+xml" href="${fileLink('icon.svg')}" />
      <link rel="stylesheet" href="${fileLink('admin.css')}" />
      <script src="${fileLink('admin.js')}" defer></script>
    </head>
    <body>
      <a class="skip" href="#content">Skip to the content</a>
      <header class="bar">
        <a class="brand" href="${link(pages[0].name)}"
          ><img src="${fileLink('icon.svg')}" alt="" width="28" height="28" />Trunkline</a
        >
        <nav aria-label="Pages">${pages.map((one) => navigationItem(one, page, viewer))}</nav>
        <p class="viewer">
          ${viewer.readOnly && html`<span class="tag">read-only</span>`}<span class="soft">as</span> <bdi>${viewer.actor}</bdi>
        </p>
      </header>
      <main id="content" tabindex="-1">
   `
  const foot = html`</main>
      <footer class="soft">All times are UTC.</footer>
    </body>
  </html>`
  return [head, foot]
}

function navigationItem({ name, label, changes }: Page, current: Page | null, viewer: Viewer): Html | null {
  if (label === undefined || (changes === true && viewer.readOnly)) return null
  return name === current?.name
    ? html`<a href="${link(name)}" aria-current="page">${label}</a>`
    : html`<a href="${link(name)}">${label}</a>`
}
