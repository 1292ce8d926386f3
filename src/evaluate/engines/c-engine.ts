/**
 * The generated C, compiled on the fly: batches go through files to its `run` program, one process a batch.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Compiled } from '../../compile.js';
import { fail } from '../../diagnostics/diagnostic.js';
import { rawBytes } from '../../host/arrays.js';
import { buildProject, compilerVersion } from '../../host/build-c.js';
import { runProgram } from '../../host/run-program.js';
import { temporaryFolder } from '../../host/temporary-folder.js';
import { writeProject } from '../../host/write-project.js';
import type { Engine } from '../engine.js';

export async function openCEngine(compiled: Compiled, jobs: number): Promise<Engine> {
  const version = await compilerVersion();
  const { path: folder, remove } = temporaryFolder('evaluate');
  const close = async (): Promise<void> => remove();
  try {
    const project = join(folder, 'project');
    writeProject(project, compiled.files);
    const program = await buildProject(project, jobs);
    let batches = 0;
    return {
      name: 'c',
      description: version,
      close,
      run: async (inputs) => {
        const id = batches++;
        const from = join(folder, `${id}.in`);
        const to = join(folder, `${id}.out`);
        await writeFile(from, rawBytes(inputs));
        const result = await runProgram(program, [from, to], { detached: true });
        if (result.kind !== 'done') {
          const found =
            result.kind === 'missing' ? 'it is gone' : `exit status ${result.status}\n${result.stderr.trim()}`;
          return fail('DYB501', { node: 'the compiled program', title: 'the compiled program failed', found });
        }
        const bytes = await readFile(to);
        await Promise.all([rm(from), rm(to)]);
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
        return { outputs: Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true)) };
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
