/** Options about reading a model, the same in every command. */
import { type Command, Option } from 'commander';
import { type ModelFile, readModel } from '../host/read-model.js';
import type { FrontEndOptions } from '../pipeline.js';

export interface ModelOptions {
  readonly zeroWeights: 'refuse' | 'positive' | 'negative';
}

export function addModelOptions(command: Command): Command {
  return command.addOption(
    new Option('--zero-weights <what>', 'what a binary weight of exactly 0 becomes')
      .choices(['refuse', 'positive', 'negative'])
      .default('refuse'),
  );
}

export function frontEndOptions(path: string, options: ModelOptions): { file: ModelFile; front: FrontEndOptions } {
  const file = readModel(path);
  const { modelName, readExternal } = file;
  return { file, front: { modelName, readExternal, zeroWeights: options.zeroWeights } };
}
