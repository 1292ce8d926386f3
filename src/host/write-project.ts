/** What a back end made, as a folder: whole or not at all. */
import type { GeneratedFiles } from '../target/files.js';
import { OutputFolder } from './output-folder.js';

export function writeProject(path: string, files: GeneratedFiles): void {
  const folder = new OutputFolder(path);
  try {
    for (const [name, content] of files) folder.write(name, content);
    folder.commit();
  } finally {
    folder.discard();
  }
}
