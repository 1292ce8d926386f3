/** `dybnn-compile evaluate MODEL.onnx --images DIR` */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { sampleSize } from '../../arrays/samples.js';
import { type Compiled, compileBuilt } from '../../compile.js';
import { DiagnosticError, fail, makeDiagnostic } from '../../diagnostics/diagnostic.js';
import type { Dataset } from '../../evaluate/dataset.js';
import { openDataset } from '../../evaluate/datasets/open-dataset.js';
import { ENGINE_NAMES, type Engine, type EngineName, isBitExact } from '../../evaluate/engine.js';
import { openCEngine } from '../../evaluate/engines/c-engine.js';
import { openOnnxRuntimeEngine } from '../../evaluate/engines/onnxruntime-engine.js';
import { openSimulatorEngine } from '../../evaluate/engines/simulator-engine.js';
import type { Evaluation, SampleResult } from '../../evaluate/evaluation.js';
import { findDifference, inOrder } from '../../evaluate/merge-evaluations.js';
import { parseEvaluation } from '../../evaluate/parse-evaluation.js';
import { runEvaluation } from '../../evaluate/run-evaluation.js';
import { score } from '../../evaluate/score.js';
import { limitIndices, type Shard, shardIndices } from '../../evaluate/shard.js';
import { isNpy } from '../../host/arrays.js';
import { loadAssets } from '../../host/load-assets.js';
import { readUserFile } from '../../host/read-file.js';
import { checkReplaceable, replaceFile } from '../../host/write-file.js';
import type { FrontEndOptions } from '../../pipeline.js';
import { fractionOf, type Program } from '../../program/program.js';
import { samplesWord, saturationWarnings } from '../../simulate/saturation-warnings.js';
import { addCommonOptions, type CommandContext, wholeNumber } from '../command-context.js';
import { INTERRUPTED, InterruptedError, UsageError } from '../exit-status.js';
import { withExamples } from '../help.js';
import { addInputOptions, checkPictureOptions, preprocessingFor } from '../input-options.js';
import { addModelOptions, buildModel, type ModelOptions, openModel } from '../model-options.js';
import { Progress } from '../progress.js';
import { renderScore } from '../render-evaluation.js';
import type { Terminal } from '../terminal.js';

interface Options extends ModelOptions {
  readonly images: string;
  readonly labels?: string;
  readonly engine: readonly EngineName[];
  readonly limit?: number;
  readonly threads?: number;
  readonly shard?: Shard;
  readonly results?: string;
  readonly resume?: boolean;
}

/** Between two writes of what is done so far. */
const SAVE_MS = 10_000;

export function addEvaluateCommand(program: Command, { terminal }: CommandContext): void {
  const command = program
    .command('evaluate')
    .description('Accuracy over a labelled data set, by one engine or several side by side.')
    .argument('<MODEL.onnx>', 'the trained network')
    .addOption(
      new Option(
        '--images <PATH>',
        'a folder per class, pictures with labels, an IDX pair, or .npy',
      ).makeOptionMandatory(),
    )
    .option('--labels <FILE>', 'labels: NAME LABEL lines, IDX, .npy or numbers')
    .addOption(
      new Option('--engine <list>', `${ENGINE_NAMES.join(', ')}; several with commas`)
        .argParser(engineList)
        .default(['c'], 'c'),
    )
    .addOption(new Option('--limit <N>', 'only N samples, spread over the data set').argParser(wholeNumber(1)))
    .addOption(new Option('--threads <N>', 'batches at a time (default: one a processor)').argParser(wholeNumber(1)))
    .addOption(new Option('--results <FILE>', 'write what each sample gave, for --resume and merge'))
    .addOption(new Option('--resume', 'go on with the samples that --results does not hold yet'))
    .addOption(new Option('--shard <K/N>', 'only part K of N; see merge').argParser(shardOf).conflicts('limit'));
  addInputOptions(command);
  addModelOptions(command);
  addCommonOptions(command);
  withExamples(command, [
    ['dybnn-compile evaluate net.onnx --images val/', ''],
    ['dybnn-compile evaluate net.onnx --images val/ --resize 256 --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225', ''],
    ['dybnn-compile evaluate net.onnx --images t10k-images-idx3-ubyte.gz --engine c,simulator,onnxruntime', ''],
    ['dybnn-compile evaluate net.onnx --images val/ --numeric fixed16 --calibrate train/ --engine c,simulator', ''],
    ['dybnn-compile evaluate net.onnx --images val/ --shard 3/16 --results part-3.json', ''],
  ]);
  command.action((path: string, options: Options) => evaluateModel(path, options, terminal));
}

async function evaluateModel(path: string, options: Options, terminal: Terminal): Promise<void> {
  if (options.resume === true && options.results === undefined) {
    throw new UsageError('--resume needs to know the file', 'try: --results FILE --resume');
  }
  if (options.results !== undefined) checkReplaceable(options.results);
  checkPictureOptions(options, [isNpy(options.images) ? undefined : options.images, options.calibrate]);
  const { file, front } = openModel(path, options);
  const built = await buildModel(file.bytes, front, options, terminal);
  const compiled = compileBuilt(built, { ...front, golden: 1 }, loadAssets());
  terminal.warn(compiled.warnings);
  const { program } = compiled;
  const preprocessing = preprocessingFor(program.input.shape[1] ?? 1, options);
  const dataset = openDataset({
    images: options.images,
    ...(options.labels === undefined ? {} : { labels: options.labels }),
    input: program.input,
    classes: sampleSize(program.output),
    preprocessing,
  });
  const threads = options.threads ?? availableParallelism();
  const engines = await openEngines(options.engine, path, compiled, threads, terminal);
  try {
    const empty: Evaluation = {
      format: 'dybnn-compile evaluation',
      formatVersion: 1,
      model: { name: file.modelName, sha256: createHash('sha256').update(file.bytes).digest('hex') },
      images: options.images,
      preprocessing,
      ...evaluatedNumbers(program, front),
      classes: sampleSize(program.output),
      classNames: dataset.classNames,
      engines: engines.map((e) => e.name),
      total: dataset.count,
      samples: [],
    };
    const done = options.resume === true ? readDone(options.results!, empty, dataset) : [];
    const evaluation = await runAll(empty, done, { options, threads, dataset, engines, program, terminal });
    report(evaluation, terminal);
  } finally {
    await Promise.all(engines.map((e) => e.close()));
  }
}

/** So that parts that were computed in different numbers are not put together. */
function evaluatedNumbers(program: Program, front: FrontEndOptions): Pick<Evaluation, 'numbers'> {
  const { numeric } = program;
  const firstLast = numeric === 'fixed16' ? 'int8' : (front.firstLast ?? 'float32');
  if (firstLast === 'float32') return {};
  const fractions = program.buffers.map((b) => fractionOf(b.layout));
  return {
    numbers: { numeric, firstLast, fractions: createHash('sha256').update(JSON.stringify(fractions)).digest('hex') },
  };
}

/** The score in words or JSON; engines that must agree and do not are an error. */
export function report(evaluation: Evaluation, terminal: Terminal): void {
  const scored = score(evaluation);
  terminal.report(
    () => renderScore(evaluation, scored, { width: terminal.width, color: terminal.outColor }),
    () => ({
      model: evaluation.model,
      images: evaluation.images,
      classNames: evaluation.classNames,
      numbers: evaluation.numbers ?? null,
      ...scored,
    }),
  );
  terminal.warn(saturationWarnings(new Map(Object.entries(scored.saturated ?? {})), samplesWord(scored.samples)));
  const differing = scored.agreements.find((a) => a.sameBits !== null && a.sameBits < scored.samples);
  if (differing) {
    const exact = evaluation.engines.indexOf(differing.engines[1]);
    const first = evaluation.samples.find((s) => !s.sameBits[exact]);
    fail('DYB501', {
      node: `sample ${first?.index ?? '?'}`,
      found: `${scored.samples - differing.sameBits!} of ${scored.samples} outputs of ${differing.engines.join(' and ')} differ`,
      supported: 'the same bits',
    });
  }
}

async function openEngines(
  names: readonly EngineName[],
  path: string,
  compiled: Compiled,
  threads: number,
  terminal: Terminal,
): Promise<readonly Engine[]> {
  const engines: Engine[] = [];
  try {
    for (const name of names) {
      const engine = await openEngine(name, path, compiled, threads);
      if (engine) {
        engines.push(engine);
        terminal.detail(`${name}: ${engine.description}`);
      } else if (names.length === 1) {
        const found = 'it is the only engine asked for';
        throw new DiagnosticError([
          { ...makeDiagnostic('DYB502', { node: `--engine ${name}`, found }), severity: 'error' },
        ]);
      } else {
        terminal.warn([makeDiagnostic('DYB502', { node: `--engine ${name}`, found: 'left out' })]);
      }
    }
  } catch (error) {
    await Promise.all(engines.map((e) => e.close()));
    throw error;
  }
  return engines;
}

function openEngine(name: EngineName, path: string, compiled: Compiled, threads: number): Promise<Engine | null> {
  switch (name) {
    case 'c':
      return openCEngine(compiled, threads);
    case 'simulator':
      return Promise.resolve(openSimulatorEngine(compiled.program, threads));
    case 'onnxruntime':
      return openOnnxRuntimeEngine(path, compiled);
  }
}

interface RunAll {
  readonly options: Options;
  readonly threads: number;
  readonly dataset: Dataset;
  readonly engines: readonly Engine[];
  readonly program: Compiled['program'];
  readonly terminal: Terminal;
}

async function runAll(empty: Evaluation, done: readonly SampleResult[], run: RunAll): Promise<Evaluation> {
  const { options, dataset, terminal } = run;
  const wanted =
    options.limit === undefined
      ? shardIndices(dataset.count, options.shard ?? null)
      : limitIndices(dataset.count, options.limit);
  const known = new Set(done.map((s) => s.index));
  const indices = wanted.filter((i) => !known.has(i));
  const samples = [...done];
  const evaluation = (): Evaluation => ({ ...empty, samples: inOrder(samples) });
  const save = (): void => {
    if (options.results !== undefined) replaceFile(options.results, `${JSON.stringify(evaluation())}\n`);
  };
  const stop = new AbortController();
  // A second Ctrl-C does not wait for the batches that are on their way.
  const interrupt = (): void => (stop.signal.aborted ? process.exit(INTERRUPTED) : stop.abort());
  process.on('SIGINT', interrupt);
  const progress = new Progress(terminal, indices.length + known.size, known.size, dataset.unit);
  let saved = performance.now();
  let right = done.filter((s) => s.best[0]![0] === s.label).length;
  try {
    await runEvaluation({
      ...run,
      indices,
      stop: stop.signal,
      onResults: (results) => {
        samples.push(...results);
        right += results.filter((s) => s.best[0]![0] === s.label).length;
        progress.advance(results.length, `top-1 ${((100 * right) / samples.length).toFixed(2)} %`);
        if (performance.now() - saved > SAVE_MS) {
          save();
          saved = performance.now();
        }
      },
    });
  } catch (error) {
    // Programs of ours get the same Ctrl-C, and fail by it.
    if (!stop.signal.aborted) throw error;
  } finally {
    process.off('SIGINT', interrupt);
    progress.end();
    if (samples.length > 0) save();
  }
  if (stop.signal.aborted) {
    if (samples.length > 0) report(evaluation(), terminal);
    const goOn = options.results === undefined ? '' : '; --resume goes on';
    throw new InterruptedError(`stopped after ${samples.length} of ${indices.length + known.size}${goOn}`);
  }
  return evaluation();
}

function readDone(results: string, empty: Evaluation, dataset: Dataset): readonly SampleResult[] {
  if (!existsSync(results)) return [];
  const before = parseEvaluation(new TextDecoder().decode(readUserFile(results)), results);
  const difference = findDifference(empty, before);
  const other = before.samples.find((s) => s.index >= dataset.count || s.label !== dataset.label(s.index));
  if (difference !== null || other) {
    fail('DYB503', {
      node: results,
      title: 'results of another evaluation',
      found: difference ?? `sample ${other!.index} with another label`,
      hint: 'name another file, or leave out --resume',
    });
  }
  return before.samples;
}

function engineList(text: string): readonly EngineName[] {
  const names = text.split(',').map((n) => n.trim());
  const unknown = names.find((n) => !ENGINE_NAMES.some((e) => e === n));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`No engine "${unknown}"; there are ${ENGINE_NAMES.join(', ')}.`);
  const unique = [...new Set(names)] as EngineName[];
  // The first is what others are compared with: one that promises bits, where there is one.
  return unique.sort((a, b) => Number(isBitExact(b)) - Number(isBitExact(a)));
}

function shardOf(text: string): Shard {
  const match = /^(\d{1,6})\/(\d{1,6})$/.exec(text);
  const part = Number(match?.[1]);
  const count = Number(match?.[2]);
  if (!(part >= 1 && part <= count)) throw new InvalidArgumentError('It must be K/N with K from 1 to N, such as 3/16.');
  return { part, count };
}
