import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

import { build, type BuildOptions } from 'esbuild'

const require = createRequire(import.meta.url)

/** Majors of React that the hooks are for, and what they are installed as. */
const reacts = { 18: ['react-18', 'react-dom-18'], 19: ['react', 'react-dom'] } as const
export type ReactMajor = keyof typeof reacts

/** A fixture as one script, on the sources of the workspace, and on a React that checks what is done with it. */
export async function bundle(entry: URL, major: ReactMajor, options: BuildOptions = {}): Promise<string> {
  const [react, reactDom] = reacts[major].map((name) => dirname(require.resolve(`${name}/package.json`)))
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
