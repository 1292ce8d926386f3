/** The little network that a pattern is shown in: one input, constants by value, the last node is the output. */
import { type AttributeValue, type BuilderOptions, OnnxBuilder } from './onnx-builder.js';

export class PatternCase {
  readonly m: OnnxBuilder;
  readonly x: string;
  private constants = 0;

  constructor(shape: readonly (number | string)[] = [1, 2, 3, 3], options: BuilderOptions = {}) {
    this.m = new OnnxBuilder(options);
    this.x = this.m.input('x', shape);
  }

  /** A float constant: a scalar, or [C,1,1] for a list, or of a given shape. */
  c(values: number | readonly number[], shape?: readonly number[]): string {
    const list = typeof values === 'number' ? [values] : values;
    return this.m.float(`c${this.constants++}`, shape ?? (typeof values === 'number' ? [] : [list.length, 1, 1]), list);
  }

  i(values: readonly number[]): string {
    return this.m.int64(`i${this.constants++}`, values);
  }

  n(opType: string, inputs: readonly string[], attributes: Readonly<Record<string, AttributeValue>> = {}): string {
    return this.m.node(opType, inputs, attributes);
  }

  /** c as a float: 1 where the condition holds. */
  mask(condition: string): string {
    return this.n('Cast', [condition], { to: 1 });
  }

  done(value: string): OnnxBuilder {
    this.m.output(value);
    return this.m;
  }
}
