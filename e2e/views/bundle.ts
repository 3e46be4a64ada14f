import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

import { build, type BuildOptions } from 'esbuild'

/** Majors of React that the hooks are for, and where they are. */
const reacts = {
  18: [import.meta.resolve('react-18/package.json'), import.meta.resolve('react-dom-18/package.json')],
  19: [import.meta.resolve('react/package.json'), import.meta.resolve('react-dom/package.json')],
} as const
export type ReactMajor = keyof typeof reacts

/** A fixture as one script, on the sources of the workspace, and on a React that checks what is done with it. */
export async function bundle(entry: URL, major: ReactMajor, options: BuildOptions = {}): Promise<string> {
  const [react, reactDom] = reacts[major].map((manifest) => dirname(fileURLToPath(manifest)))
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    write: false,
    jsx: 'automatic',
    conditions: ['@trunkline/source'],
    define: { 'process.env.NODE_ENV': '"development"' },
    // Whatever asks for React gets this one: the fixture, the hooks, and react-dom itself.
    alias: { react: react ?? '', 'react-dom': reactDom ?? '' },
    ...options,
  })
  return outputFiles?.[0]?.text ?? ''
}
