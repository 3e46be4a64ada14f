import { glob, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/**
 * What is wrong with the source maps of an unpacked package: code without one, and sources that neither the map has in it nor the
 * package beside it. A debugger that is shown such a map shows nothing.
 */
export async function findingsInMaps(folder: string): Promise<string[]> {
  const findings: string[] = []
  let maps = 0
  for await (const path of glob('dist/**/*.{js,d.ts}', { cwd: folder })) {
    const text = await readFile(join(folder, `${path}.map`), 'utf8').catch(() => null)
    if (text === null) {
      findings.push(`${path} has no source map beside it.`)
      continue
    }
    maps++
    const { sources, sourcesContent } = JSON.parse(text) as SourceMapText
    if (sources.length === 0) findings.push(`${path}.map names no source.`)
    for (const [index, source] of sources.entries()) {
      if (typeof sourcesContent?.[index] === 'string') continue
      const isThere = await stat(join(folder, dirname(path), source)).catch(() => null)
      if (isThere === null) findings.push(`${path}.map has ${source} neither in it nor in the package.`)
    }
  }
  return maps === 0 ? ['There is no source map at all.', ...findings] : findings
}

interface SourceMapText {
  readonly sources: readonly string[]
  readonly sourcesContent?: readonly (string | null)[]
}
