import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

import { type Block, root } from './pages.ts'

/** A folder for the files that pages show. It is in the workspace, where their imports are found. */
export interface Project extends AsyncDisposable {
  readonly folder: string
  /** Resolves with where the file is. */
  write(file: Pick<Block, 'name' | 'code'>, place?: string): Promise<string>
  /** Compiles a place, the whole folder when it is empty, as a bundler's project. Resolves with the compiler's lines. */
  compile(place: string, options?: object, include?: readonly string[]): Promise<readonly string[]>
}

export async function createProject(): Promise<Project> {
  // Apart from what is linted and formatted.
  await mkdir(join(root, 'e2e/.data'), { recursive: true })
  const folder = await mkdtemp(join(root, 'e2e/.data/frameworks-'))

  async function write({ name, code }: Pick<Block, 'name' | 'code'>, place = ''): Promise<string> {
    const path = join(folder, place, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, code)
    return path
  }

  async function compile(place: string, options: object = {}, include: readonly string[] = ['**/*']): Promise<readonly string[]> {
    const config = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        module: 'esnext',
        moduleResolution: 'bundler',
        paths: {
          // Of the workspace: an application has it among its own dependencies.
          valibot: [join(root, 'packages/core/node_modules/valibot/dist/index.d.mts')],
        },
        ...options,
      },
      include,
      exclude: [],
    }
    await writeFile(join(folder, place, 'tsconfig.json'), JSON.stringify(config))
    const compiler = join(root, 'node_modules/typescript/bin/tsc')
    const { stdout } = await promisify(execFile)(process.execPath, [compiler, '-p', join(folder, place)]).catch(
      (error: { stdout: string }) => error,
    )
    return stdout.split('\n').filter((line) => line !== '')
  }

  return { folder, write, compile, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}
