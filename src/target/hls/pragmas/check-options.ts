/** A pragma's options: that they exist, that their values are right, that they go together. */
import type { PragmaItem, Token } from './cpp-outline.js';
import { type Frame, functionAround, isConstant, isKnown, type Program, splitAt } from './names.js';
import { hasPragma, type Parsed, wordsOf } from './parse-pragma.js';
import { INTERFACE_MODES, implementationsOf, OPERATORS, type PragmaRule, type Value } from './pragma-table.js';
import type { Context, PragmaProblemRule } from './problem.js';

/** Checks each option by itself; gives those that are right, older spellings as what they mean. */
export function checkOptions(
  item: PragmaItem,
  parsed: Parsed,
  rule: PragmaRule,
  frames: readonly Frame[],
  context: Context,
): ReadonlyMap<string, string> {
  const { report } = context;
  const values = new Map<string, string>();
  const upper = parsed.name.toUpperCase();
  for (const { option, value } of parsed.options) {
    const kind = Object.hasOwn(rule.options, option) ? rule.options[option] : undefined;
    if (kind === undefined) {
      const names = Object.keys(rule.options).filter((o) => rule.options[o]?.kind !== 'means');
      report(item.line, 'unknown-option', `${upper} has no option '${option}'`, `its options are ${names.join(', ')}`);
      continue;
    }
    const real = kind.kind === 'means' ? kind.option : option;
    if (values.has(real)) report(item.line, 'conflict', `${upper} gives '${real}' twice`, 'keep one');
    const wrong = wrongValue(option, value, kind, frames, context.program);
    if (wrong !== null) report(item.line, wrong.rule, `${upper} ${wrong.what}`, wrong.hint);
    values.set(real, kind.kind === 'means' ? option : value === null ? '' : wordsOf(value));
  }
  for (const option of rule.required) {
    if (!values.has(option)) report(item.line, 'missing-option', `${upper} lacks '${option}='`, `give ${option}=...`);
  }
  return values;
}

function wrongValue(
  option: string,
  value: readonly Token[] | null,
  kind: Value,
  frames: readonly Frame[],
  program: Program,
): { rule: PragmaProblemRule; what: string; hint: string } | null {
  if (kind.kind === 'means') {
    return value === null
      ? null
      : { rule: 'option-value', what: `'${option}' takes no value`, hint: `write ${kind.option}=${option}` };
  }
  if (kind.kind === 'flag') {
    const fine = value === null || /^(true|false)$/i.test(wordsOf(value));
    return fine ? null : { rule: 'option-value', what: `${option}=${wordsOf(value)}`, hint: `write ${option} alone` };
  }
  if (value === null || value.length === 0)
    return { rule: 'option-value', what: `'${option}' has no value`, hint: `write ${option}=...` };
  const text = wordsOf(value);
  switch (kind.kind) {
    case 'one-of':
      return kind.values.includes(text.toLowerCase())
        ? null
        : { rule: 'option-value', what: `${option}=${text}`, hint: `one of ${kind.values.join(', ')}` };
    case 'identifier':
      return /^[A-Za-z_0-9][\w:<>,]*$/.test(text)
        ? null
        : { rule: 'option-value', what: `${option}=${text}`, hint: 'a name is expected' };
    case 'real':
      return /^[\d.]+([eE][-+]?\d+)?[a-zA-Z]*$/.test(text) || isConstant(value, frames, program)
        ? null
        : { rule: 'option-value', what: `${option}=${text}`, hint: 'a number is expected' };
    case 'constant': {
      const expected = /^\d/.test(text)
        ? 'a whole number'
        : /^-\d/.test(text)
          ? 'a number of at least 0'
          : 'a constant';
      const isNumber = /^-?\d[\w.]*$/.test(text);
      const fine = isNumber ? /^(0[xX][\da-fA-F]+|\d+)[uUlL]*$/.test(text) : isConstant(value, frames, program);
      return fine ? null : { rule: 'option-value', what: `${option}=${text}`, hint: `${expected} is expected` };
    }
    case 'port':
      if (text === 'return') return null;
      return wrongName(
        option,
        value,
        (name) => functionAround(frames)?.scope.parameters.some((p) => p.name === name) ?? false,
        'a parameter of the function',
      );
    case 'variable':
      return text === 'return'
        ? null
        : wrongName(option, value, (name) => isKnown(frames, name, program), 'a variable declared before the pragma');
  }
}

/** A list of variables, each `name`, `name.member` or `this->name`. */
function wrongName(option: string, value: readonly Token[], isThere: (name: string) => boolean, expected: string) {
  for (const part of splitAt(value, ',')) {
    const words = part.map((t) => t.text);
    const at = words[0] === 'this' ? 2 : words[0] === '*' || words[0] === '&' ? 1 : 0;
    const name = words[at] ?? '';
    if (!isThere(name))
      return {
        rule: 'unknown-name' as const,
        what: `${option}=${words.join('')}: there is no '${name}'`,
        hint: `${expected} is expected`,
      };
  }
  return null;
}

export function checkCombination(
  item: PragmaItem,
  name: string,
  values: ReadonlyMap<string, string>,
  frames: readonly Frame[],
  context: Context,
): void {
  const report = (rule: PragmaProblemRule, what: string, hint: string): void =>
    context.report(item.line, rule, `${name.toUpperCase()} ${what}`, hint);
  const get = (option: string): string | undefined => values.get(option)?.toLowerCase();
  const off = values.has('off') && get('off') !== 'false';
  switch (name) {
    case 'array_partition':
    case 'array_reshape': {
      const type = get('type') ?? 'complete';
      if (type !== 'complete' && !values.has('factor') && !off)
        report('missing-option', `type=${type} lacks 'factor='`, 'give factor=...');
      if (type === 'complete' && values.has('factor'))
        report('conflict', 'is complete and has a factor', 'leave the factor out, or say cyclic or block');
      break;
    }
    case 'pipeline':
      if (off && values.has('ii')) report('conflict', 'is off and has an II', 'keep one');
      if (get('ii') === '0') report('option-value', 'ii=0', 'an interval is at least 1');
      break;
    case 'unroll':
      if (off && values.has('factor')) report('conflict', 'is off and has a factor', 'keep one');
      if (values.has('skip_exit_check') && !values.has('factor'))
        report('missing-option', "skip_exit_check lacks 'factor='", 'give factor=...');
      break;
    case 'loop_tripcount': {
      const [min, max] = [Number(get('min') ?? 0), Number(get('max'))];
      if (min > max) report('option-value', `min=${min} is more than max=${max}`, 'swap them');
      break;
    }
    case 'latency':
      if (!values.has('min') && !values.has('max')) report('missing-option', 'has neither min nor max', 'give one');
      break;
    case 'alias':
      if (values.has('offset') === values.has('distance'))
        report('conflict', 'takes one of offset and distance', 'keep one');
      break;
    case 'performance':
      if (!['target_ti', 'target_tl', 'assume_ti', 'assume_tl'].some((o) => values.has(o)))
        report('missing-option', 'has no target', 'give target_ti=...');
      break;
    case 'bind_storage': {
      const [type, impl] = [get('type'), get('impl')];
      if (type !== undefined && impl !== undefined && !implementationsOf(type).includes(impl)) {
        report(
          'option-value',
          `type=${type} impl=${impl}: there is no such memory`,
          `${type} can be ${implementationsOf(type).join(', ')}`,
        );
      }
      break;
    }
    case 'bind_op': {
      const [op, impl] = [get('op') ?? '', get('impl')];
      const implementations = Object.hasOwn(OPERATORS, op) ? OPERATORS[op]! : null;
      if (values.has('op') && implementations === null)
        report('option-value', `op=${op}`, `one of ${Object.keys(OPERATORS).join(', ')}`);
      if (implementations !== null && impl !== undefined && !implementations.includes(impl))
        report(
          'option-value',
          `op=${op} impl=${impl}: there is no such operator`,
          `${op} can be ${implementations.join(', ')}`,
        );
      break;
    }
    case 'dependence':
      if (values.has('variable') && values.has('cross_variables'))
        report('conflict', 'takes one of variable and cross_variables', 'keep one');
      if (get('dependent') === 'false' && values.has('distance'))
        report('conflict', 'is false and has a distance', 'leave the distance out');
      break;
    case 'interface':
      checkInterface(values, report, frames, context.top);
      break;
    default:
      break;
  }
  const function_ = functionAround(frames)?.scope;
  const isTop =
    function_ !== undefined &&
    (context.top === null ? hasPragma(function_, 'interface') : function_.name === context.top);
  const target = values.get('variable') ?? '';
  if ((name === 'stream' || name === 'bind_storage') && isTop && function_.parameters.some((p) => p.name === target)) {
    report('placement', `on '${target}', a port of the top function`, 'use INTERFACE for a port');
  }
}

function checkInterface(
  values: ReadonlyMap<string, string>,
  report: (rule: PragmaProblemRule, what: string, hint: string) => void,
  frames: readonly Frame[],
  top: string | null,
): void {
  const mode = values.get('mode')?.toLowerCase() ?? '';
  const takes = Object.hasOwn(INTERFACE_MODES, mode) ? INTERFACE_MODES[mode]! : null;
  if (takes !== null) {
    for (const option of values.keys()) {
      if (option !== 'mode' && option !== 'port' && !takes.includes(option))
        report('unknown-option', `mode=${mode} has no option '${option}'`, `its options are ${takes.join(', ')}`);
    }
  }
  const offset = values.get('offset');
  if (mode === 'm_axi' && offset !== undefined && !/^(slave|direct|off)$/i.test(offset))
    report('option-value', `mode=m_axi offset=${offset}`, 'one of slave, direct, off');
  if (mode === 's_axilite' && offset !== undefined && !/^(0[xX][\da-fA-F]+|\d+)$/.test(offset))
    report('option-value', `mode=s_axilite offset=${offset}`, 'an address is expected');
  const isReturn = values.get('port') === 'return';
  if (mode.startsWith('ap_ctrl') && values.has('port') && !isReturn)
    report('conflict', `mode=${mode} on a parameter`, 'it belongs to port=return');
  if (
    isReturn &&
    takes !== null &&
    !mode.startsWith('ap_ctrl') &&
    mode !== 's_axilite' &&
    functionAround(frames)?.scope.head.some((t) => t.text === 'void')
  ) {
    report('conflict', `mode=${mode} on the return of a void function`, 'use s_axilite or ap_ctrl_*');
  }
  const function_ = functionAround(frames)?.scope.name;
  if (top !== null && function_ !== undefined && function_ !== top)
    report('placement', `in ${function_}`, `interfaces stand in the top function, ${top}`);
}
